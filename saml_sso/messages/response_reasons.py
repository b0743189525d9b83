"""Why a SAML response, or a logout message, is not believed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ResponseReason(StrEnum):
    """One value for each check; stored and translated, so never renamed."""

    # The text; only a logout message comes in a query
    WRONG_QUERY = "wrong-query"
    NOT_DEFLATED = "not-deflated"
    TOO_LARGE = "too-large"
    NOT_BASE64 = "not-base64"
    NOT_UTF_8 = "not-utf-8"
    DOCUMENT_TYPE = "document-type"
    COMMENTS = "comments"
    CDATA_SECTION = "cdata-section"
    PROCESSING_INSTRUCTION = "processing-instruction"
    NOT_XML = "not-xml"
    # The elements
    NOT_A_RESPONSE = "not-a-response"
    RELATIVE_NAMESPACE = "relative-namespace"
    TOO_MANY_NAMESPACES = "too-many-namespaces"
    UNEXPECTED_ELEMENT = "unexpected-element"
    UNEXPECTED_ATTRIBUTE = "unexpected-attribute"
    UNEXPECTED_TEXT = "unexpected-text"
    CHILD_ELEMENTS_IN_TEXT = "child-elements-in-text"
    MISSING_ELEMENT = "missing-element"
    REPEATED_ELEMENT = "repeated-element"
    INVALID_ID = "invalid-id"
    DUPLICATE_ID = "duplicate-id"
    UNSUPPORTED_VERSION = "unsupported-version"
    # What the identity provider says of the sign-in
    STATUS_NOT_SUCCESS = "status-not-success"
    # Encryption and signatures
    DECRYPTION_FAILED = "decryption-failed"
    SIGNATURE_MISSING = "signature-missing"
    REFERENCE_ELSEWHERE = "reference-elsewhere"
    ALGORITHM_NOT_ALLOWED = "algorithm-not-allowed"
    TRANSFORM_NOT_ALLOWED = "transform-not-allowed"
    SIGNATURE_INVALID = "signature-invalid"
    CERTIFICATE_PROPOSED = "certificate-proposed"
    CERTIFICATE_RETIRED = "certificate-retired"
    CERTIFICATE_UNKNOWN = "certificate-unknown"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid"
    # Who said it, to whom, about which request
    WRONG_ISSUER = "wrong-issuer"
    WRONG_DESTINATION = "wrong-destination"
    WRONG_IN_RESPONSE_TO = "wrong-in-response-to"
    WRONG_AUDIENCE = "wrong-audience"
    WRONG_SUBJECT_CONFIRMATION = "wrong-subject-confirmation"
    WRONG_RECIPIENT = "wrong-recipient"
    # When
    INVALID_TIME = "invalid-time"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    LIFETIME_TOO_LONG = "lifetime-too-long"
    TOO_OLD = "too-old"
    SESSION_EXPIRED = "session-expired"
    AUTHENTICATION_TOO_OLD = "authentication-too-old"
    # About whom
    BAD_NAME_ID = "bad-name-id"
    DUPLICATE_ATTRIBUTE = "duplicate-attribute"
    BAD_IDENTITY_CLAIM = "bad-identity-claim"
    WRONG_TENANT = "wrong-tenant"
    # python3-saml, asked last, saw something that none of the above did
    REFUSED_BY_LIBRARY = "refused-by-library"


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a message names that a trusted certificate has signed; for the log only."""

    name_id: str
    object_id: str
    certificate_sha256: str


class InvalidResponse(Exception):
    """The message must not be believed. Nobody outside is told which check failed.

    `detail` is short and for the administrator: the name of an element, an AADSTS code.
    It may come from an unsigned message, so escape it, and take it for a hint. `named`:
    where the signature held, and what failed came after it.
    """

    def __init__(self, reason: ResponseReason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.named: Named | None = None
