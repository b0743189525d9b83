"""Why metadata is refused."""

from __future__ import annotations

from enum import StrEnum

from saml_sso.identity_providers.certificates import (
    CertificateReason,
    SigningCertificate,
)
from saml_sso.identity_providers.metadata_document import DocumentReason
from saml_sso.identity_providers.trusted_addresses import TrustReason


class MetadataReason(StrEnum):
    """Why metadata is refused; a value is never renamed."""

    UNREADABLE_DOCUMENT = "unreadable-document"
    NOT_METADATA = "not-metadata"
    SERVICE_PROVIDER_METADATA = "service-provider-metadata"
    NO_IDENTITY_PROVIDER = "no-identity-provider"
    SEVERAL_IDENTITY_PROVIDERS = "several-identity-providers"
    EXPIRED_METADATA = "expired-metadata"
    INVALID_EXPIRY = "invalid-expiry"
    INVALID_ENTITY_ID = "invalid-entity-id"
    NO_REDIRECT_BINDING = "no-redirect-binding"
    INVALID_SINGLE_SIGN_ON_URL = "invalid-single-sign-on-url"
    INVALID_SINGLE_LOGOUT_URL = "invalid-single-logout-url"
    NO_SIGNING_CERTIFICATE = "no-signing-certificate"
    INVALID_CERTIFICATE = "invalid-certificate"
    AMBIGUOUS_CONTENT = "ambiguous-content"


class InvalidMetadata(Exception):
    """The document describes no identity provider we may trust.

    `detail` says what is wrong with the document, an address or a certificate, and
    `certificate` is there when it could be read. No text of the document is.
    """

    def __init__(
        self,
        reason: MetadataReason,
        detail: DocumentReason | TrustReason | CertificateReason | None = None,
        certificate: SigningCertificate | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.certificate = certificate
