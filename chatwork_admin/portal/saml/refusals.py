"""Why SAML settings are refused, in sentences an administrator can act on."""

from __future__ import annotations

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saml_sso.identity_providers.certificates import (
    CertificateReason,
    SigningCertificate,
)
from saml_sso.identity_providers.metadata_document import DocumentReason
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata, MetadataReason
from saml_sso.identity_providers.trust import Refusal
from saml_sso.identity_providers.trusted_addresses import TrustReason


def sentence(refusal: Refusal) -> str:
    """Say what is wrong with one field."""
    return _say(refusal.reason, refusal.certificate)


def metadata_sentence(invalid: InvalidMetadata) -> str:
    """Say what is wrong with a metadata document, and where in it."""
    if invalid.detail is None:
        return str(METADATA[invalid.reason])
    detail = _say(invalid.detail, invalid.certificate)
    if invalid.detail == CertificateReason.NOT_A_CERTIFICATE:
        detail = str(BROKEN)
    if invalid.reason not in PLACES:
        return detail
    return gettext("%(place)s: %(problem)s") % {
        "place": PLACES[invalid.reason],
        "problem": detail,
    }


def _say(
    reason: TrustReason | CertificateReason | DocumentReason,
    certificate: SigningCertificate | None,
) -> str:
    if certificate is None:
        return str(REASONS[reason])
    facts = {
        "subject": certificate.subject,
        "bits": certificate.key_bits,
        "from": f"{timezone.localtime(certificate.not_before):%Y-%m-%d}",
        "until": f"{timezone.localtime(certificate.not_after):%Y-%m-%d}",
    }
    return str(WITH_CERTIFICATE.get(reason, REASONS[reason])) % facts


REASONS: dict[TrustReason | CertificateReason | DocumentReason, Promise] = {
    TrustReason.REQUIRED: _("This value is required."),
    TrustReason.TOO_LONG: _("This value is too long."),
    TrustReason.PLACEHOLDER: _(
        "This still holds a placeholder in braces. Use the value of your own tenant."
    ),
    TrustReason.NOT_A_URI: _("This is not a complete address (URI)."),
    TrustReason.FORBIDDEN_SCHEME: _("An address of this kind is not allowed here."),
    TrustReason.NOT_HTTPS: _("The address must begin with https://."),
    TrustReason.HAS_FRAGMENT: _("The address must not contain “#”."),
    TrustReason.HAS_USER_INFORMATION: _("The address must not contain “@”."),
    TrustReason.INVALID_HOST: _("The host name of this address is not valid."),
    TrustReason.HOST_NOT_PUBLIC: _("The address must be reachable on the internet."),
    CertificateReason.NOT_A_CERTIFICATE: _(
        "This is not a certificate in PEM form. Paste the text from "
        "“-----BEGIN CERTIFICATE-----”."
    ),
    CertificateReason.PRIVATE_KEY_PASTED: _(
        "This is a private key, not a certificate. Nothing was saved. Keep the key "
        "secret, and paste the certificate."
    ),
    CertificateReason.TOO_LARGE: _("This text is too long for a certificate."),
    CertificateReason.TOO_MANY: _(
        "At most four certificates can be trusted at a time."
    ),
    CertificateReason.MORE_THAN_ONE: _(
        "Several certificates stand where one is expected, and none was added. Bring them "
        "one by one."
    ),
    CertificateReason.UNSUPPORTED_KEY: _(
        "The certificate's kind of key is not supported. Use RSA or an elliptic curve."
    ),
    CertificateReason.KEY_TOO_SHORT: _("The certificate's key is too short."),
    CertificateReason.EXPIRED: _("The certificate has expired."),
    CertificateReason.NOT_YET_VALID: _("The certificate is not valid yet."),
    DocumentReason.TOO_LARGE: _("The document is larger than 512 kB."),
    DocumentReason.UNSUPPORTED_ENCODING: _("The document is not written in UTF-8."),
    DocumentReason.DOCUMENT_TYPE: _(
        "The document contains a DOCTYPE. For safety such documents are not read."
    ),
    DocumentReason.NOT_XML: _(
        "This is not a complete XML document. Download the file again in Entra ID."
    ),
}

WITH_CERTIFICATE: dict[TrustReason | CertificateReason | DocumentReason, Promise] = {
    CertificateReason.KEY_TOO_SHORT: _(
        "The certificate's key has %(bits)s bits; at least 2048 are needed."
    ),
    CertificateReason.EXPIRED: _(
        "This certificate expired on %(until)s. Download the current one in Entra ID."
    ),
    CertificateReason.NOT_YET_VALID: _(
        "This certificate is valid only from %(from)s. Add the current one as well."
    ),
}

METADATA: dict[MetadataReason, Promise] = {
    MetadataReason.NOT_METADATA: _("This XML is not SAML metadata."),
    MetadataReason.SERVICE_PROVIDER_METADATA: _(
        "This metadata describes a service provider such as Chatwork, not an identity "
        "provider. Download “Federation Metadata XML” in Entra ID."
    ),
    MetadataReason.NO_IDENTITY_PROVIDER: _(
        "This metadata describes no SAML 2.0 identity provider."
    ),
    MetadataReason.SEVERAL_IDENTITY_PROVIDERS: _(
        "This metadata describes several identity providers. Use the file of your own "
        "application."
    ),
    MetadataReason.EXPIRED_METADATA: _(
        "This metadata has expired. Download it again in Entra ID."
    ),
    MetadataReason.INVALID_EXPIRY: _("The expiry of this metadata cannot be read."),
    MetadataReason.NO_REDIRECT_BINDING: _(
        "The identity provider offers no login URL for HTTP-Redirect."
    ),
    MetadataReason.NO_SIGNING_CERTIFICATE: _(
        "This metadata contains no signing certificate."
    ),
    MetadataReason.AMBIGUOUS_CONTENT: _(
        "This metadata can be read in more than one way and is therefore refused."
    ),
}

BROKEN = _("It cannot be read. Download the metadata again.")
PLACES: dict[MetadataReason, Promise] = {
    MetadataReason.INVALID_ENTITY_ID: _("Entity ID"),
    MetadataReason.INVALID_SINGLE_SIGN_ON_URL: _("Login URL"),
    MetadataReason.INVALID_SINGLE_LOGOUT_URL: _("Logout URL"),
    MetadataReason.INVALID_CERTIFICATE: _("Certificate"),
}
