"""Believe a SAML response, or say why not: the whole way from a form field to a person.

Each check runs on what the one before it has let through: the text, the elements, the
status, the signature; then the claims, read from the bytes that were signed; at last
python3-saml once more on everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from saml_sso.messages import claim_checks
from saml_sso.messages.assertions import OBJECT_ID, Assertion, Claims, vouched_for
from saml_sso.messages.claim_checks import Envelope
from saml_sso.messages.expectations import Expectations
from saml_sso.messages.message_document import decode_document
from saml_sso.messages.response_reasons import InvalidResponse, Named
from saml_sso.messages.second_opinion import Signer, require_agreement
from saml_sso.messages.statuses import require_success
from saml_sso.messages.structure import read_message
from saml_sso.messages.verification import (
    VerifiedResponse,
    require_valid_certificate,
    verify,
)

ClaimCheck = Callable[[Claims, Envelope, Expectations], None]


class CheckName(StrEnum):
    """The checks in their order, as the test sign-in shows them; never renamed."""

    TEXT = "text"
    ELEMENTS = "elements"
    STATUS = "status"
    SIGNATURE = "signature"
    CERTIFICATE = "certificate"
    ISSUER = "issuer"
    DESTINATION = "destination"
    IN_RESPONSE_TO = "in-response-to"
    AUDIENCE = "audience"
    SUBJECT_CONFIRMATION = "subject-confirmation"
    TIMES = "times"
    SESSION = "session"
    NAME_ID = "name-id"
    ATTRIBUTES = "attributes"
    TENANT = "tenant"
    SECOND_OPINION = "second-opinion"


CLAIM_CHECKS: Mapping[CheckName, ClaimCheck] = MappingProxyType(
    {
        CheckName.ISSUER: claim_checks.require_issuer,
        CheckName.DESTINATION: claim_checks.require_destination,
        CheckName.IN_RESPONSE_TO: claim_checks.require_in_response_to,
        CheckName.AUDIENCE: claim_checks.require_audience,
        CheckName.SUBJECT_CONFIRMATION: claim_checks.require_bearer,
        CheckName.TIMES: claim_checks.require_times,
        CheckName.SESSION: claim_checks.require_session,
        CheckName.NAME_ID: claim_checks.require_name_id,
        CheckName.ATTRIBUTES: claim_checks.require_attributes,
        CheckName.TENANT: claim_checks.require_tenant,
    }
)


def read_response(form_value: str, expectations: Expectations) -> Assertion:
    """Return what the identity provider vouches for, in answer to our very request.

    `form_value`: the field SAMLResponse as it was posted. Whether the assertion was seen
    before is the caller's question. Raises InvalidResponse, whatever was posted.
    """
    message = read_message(decode_document(form_value))
    require_success(message)
    verified = verify(message, expectations)
    try:
        require_valid_certificate(verified, expectations)
        for check in CLAIM_CHECKS.values():
            check(verified.claims, verified.envelope, expectations)
        require_second_opinion(verified, expectations)
    except InvalidResponse as refused:
        refused.named = _named(verified)
        raise
    return assertion_of(verified)


def require_second_opinion(
    verified: VerifiedResponse, expectations: Expectations
) -> None:
    """Have python3-saml agree. Raises InvalidResponse."""
    # A response around a decrypted assertion has lost its own signature.
    signs_response = verified.signed != "assertion" and not verified.was_encrypted
    signer = Signer(
        certificate=verified.certificate.pem,
        signs_assertion=verified.signed != "response",
        signs_response=signs_response,
    )
    require_agreement(verified.document, verified.claims, expectations, signer)


def assertion_of(verified: VerifiedResponse) -> Assertion:
    return vouched_for(
        verified.claims,
        certificate_sha256=verified.certificate.sha256,
        signed=verified.signed,
        was_encrypted=verified.was_encrypted,
    )


def _named(verified: VerifiedResponse) -> Named:
    object_ids = verified.claims.values_of(OBJECT_ID)
    return Named(
        verified.claims.subject.name_id,
        " ".join(object_ids),
        verified.certificate.sha256,
    )
