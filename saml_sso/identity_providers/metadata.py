"""Read what an identity provider says of itself: SAML 2.0 metadata, from strangers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from lxml.etree import _Element as Element

from saml_sso.identity_providers.certificates import (
    MOST_CERTIFICATES,
    CertificateReason,
    InvalidCertificate,
    SigningCertificate,
    parse_certificate,
)
from saml_sso.identity_providers.metadata_document import (
    DocumentReason,
    InvalidDocument,
    parse_document,
)
from saml_sso.identity_providers.trust import (
    TrustReason,
    objection_to_entity_id,
    objection_to_url,
    tenant_id_of,
)

_MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_SAML_2 = "urn:oasis:names:tc:SAML:2.0:protocol"
_HTTP_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


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


@dataclass(frozen=True, slots=True)
class IdentityProviderMetadata:
    """One identity provider, every value judged by the rules of `trust`.

    `certificates` are one to four that have not expired, for signatures only; those
    that have are in `expired_certificates`, to be shown and never to be stored.
    """

    entity_id: str
    single_sign_on_url: str
    single_logout_url: str
    certificates: tuple[SigningCertificate, ...]
    expired_certificates: tuple[SigningCertificate, ...]
    name_id_formats: tuple[str, ...]

    @property
    def tenant_id(self) -> str | None:
        return tenant_id_of(self.entity_id)

    @property
    def certificate_text(self) -> str:
        """The certificates as a form shows them and `trust.validate` reads them."""
        return "".join(certificate.pem for certificate in self.certificates)


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


def read_metadata(
    xml: bytes, *, now: datetime, stand_ins: Collection[str] = ()
) -> IdentityProviderMetadata:
    """Return the only identity provider that `xml` describes at `now` (aware).

    Takes at most 512 kB with one EntityDescriptor, or with EntitiesDescriptor and one
    identity provider among its entities (SAML Metadata §2.3). Only IDPSSODescriptor
    (§2.4.3) counts: Entra's RoleDescriptors are WS-Federation's. No signature is asked
    for: it proves nothing about a key that comes with it. `stand_ins`: see
    `objection_to_url`. Raises InvalidMetadata only.
    """
    role = _identity_provider(_parse(xml))
    _require_current(role, now)
    expired, current = _signing_certificates(role, now)
    return IdentityProviderMetadata(
        entity_id=_entity_id(role),
        single_sign_on_url=_single_sign_on_url(role, stand_ins),
        single_logout_url=_single_logout_url(role, stand_ins),
        certificates=current,
        expired_certificates=expired,
        name_id_formats=_name_id_formats(role),
    )


def _parse(xml: bytes) -> Element:
    try:
        return parse_document(xml)
    except InvalidDocument as invalid:
        reason = MetadataReason.UNREADABLE_DOCUMENT
        raise InvalidMetadata(reason, invalid.reason) from None


def _identity_provider(root: Element) -> Element:
    if root.tag not in {f"{_MD}EntityDescriptor", f"{_MD}EntitiesDescriptor"}:
        raise InvalidMetadata(MetadataReason.NOT_METADATA)
    roles = [
        role
        for role in root.iter(f"{_MD}IDPSSODescriptor")
        if role.getparent().tag == f"{_MD}EntityDescriptor"
        and _SAML_2 in role.get("protocolSupportEnumeration", "").split()
    ]
    if len(roles) > 1:
        raise InvalidMetadata(MetadataReason.SEVERAL_IDENTITY_PROVIDERS)
    if roles:
        return roles[0]
    if next(root.iter(f"{_MD}SPSSODescriptor"), None) is not None:
        raise InvalidMetadata(MetadataReason.SERVICE_PROVIDER_METADATA)
    raise InvalidMetadata(MetadataReason.NO_IDENTITY_PROVIDER)


def _require_current(role: Element, now: datetime) -> None:
    """SAML Metadata §2.3.1, §2.3.2, §2.4.1: the earliest validUntil binds."""
    for element in (role, *role.iterancestors()):
        valid_until = element.get("validUntil")
        if valid_until is not None and _instant(valid_until) <= now:
            raise InvalidMetadata(MetadataReason.EXPIRED_METADATA)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidMetadata(MetadataReason.INVALID_EXPIRY) from None
    # SAML Core §1.3.3: times are UTC, also those that do not say so.
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _entity_id(role: Element) -> str:
    entity_id: str = role.getparent().get("entityID", "").strip()
    objection = objection_to_entity_id(entity_id)
    if objection:
        raise InvalidMetadata(MetadataReason.INVALID_ENTITY_ID, objection)
    return entity_id


def _single_sign_on_url(role: Element, stand_ins: Collection[str]) -> str:
    url = _redirect_location(role, "SingleSignOnService")
    if url is None:
        raise InvalidMetadata(MetadataReason.NO_REDIRECT_BINDING)
    objection = objection_to_url(url, stand_ins=stand_ins)
    if objection:
        raise InvalidMetadata(MetadataReason.INVALID_SINGLE_SIGN_ON_URL, objection)
    return url


def _single_logout_url(role: Element, stand_ins: Collection[str]) -> str:
    url = _redirect_location(role, "SingleLogoutService")
    if url is None:
        return ""
    objection = objection_to_url(url, stand_ins=stand_ins)
    if objection:
        raise InvalidMetadata(MetadataReason.INVALID_SINGLE_LOGOUT_URL, objection)
    return url


def _redirect_location(role: Element, service: str) -> str | None:
    for endpoint in role.iterchildren(f"{_MD}{service}"):
        if endpoint.get("Binding") == _HTTP_REDIRECT:
            location: str = endpoint.get("Location", "").strip()
            return location
    return None


def _signing_certificates(
    role: Element, now: datetime
) -> tuple[tuple[SigningCertificate, ...], tuple[SigningCertificate, ...]]:
    found = {
        certificate.sha256: certificate
        for certificate in map(_read_certificate, _signing_certificate_texts(role))
    }
    if not found:
        raise InvalidMetadata(MetadataReason.NO_SIGNING_CERTIFICATE)
    expired = tuple(each for each in found.values() if each.has_expired_at(now))
    current = tuple(each for each in found.values() if not each.has_expired_at(now))
    if not current:
        raise _invalid_certificate(CertificateReason.EXPIRED, expired[-1])
    if len(current) > MOST_CERTIFICATES:
        raise _invalid_certificate(CertificateReason.TOO_MANY)
    return expired, current


def _signing_certificate_texts(role: Element) -> Iterator[str]:
    for key in role.iterchildren(f"{_MD}KeyDescriptor"):
        # SAML Metadata §2.4.1.1: a key without use is for both purposes.
        if key.get("use") not in {None, "signing"}:
            continue
        certificates = key.findall(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate")
        if len(certificates) > 1:  # a chain would make its authority a signer as well
            raise InvalidMetadata(MetadataReason.AMBIGUOUS_CONTENT)
        yield from map(_text, certificates)


def _read_certificate(text: str) -> SigningCertificate:
    try:
        return parse_certificate(text)
    except InvalidCertificate as invalid:
        raise _invalid_certificate(invalid.reason, invalid.certificate) from None


def _invalid_certificate(
    detail: CertificateReason, certificate: SigningCertificate | None = None
) -> InvalidMetadata:
    return InvalidMetadata(MetadataReason.INVALID_CERTIFICATE, detail, certificate)


def _name_id_formats(role: Element) -> tuple[str, ...]:
    formats = (_text(each).strip() for each in role.iterchildren(f"{_MD}NameIDFormat"))
    return tuple(dict.fromkeys(filter(None, formats)))


def _text(element: Element) -> str:
    """All of the text, or none: a child element would cut it."""
    if len(element):
        raise InvalidMetadata(MetadataReason.AMBIGUOUS_CONTENT)
    return element.text or ""
