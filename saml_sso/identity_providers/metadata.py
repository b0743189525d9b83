"""Read what an identity provider says of itself: SAML 2.0 metadata, from strangers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml.etree import _Element as Element

from saml_sso.identity_providers.certificates import SigningCertificate
from saml_sso.identity_providers.metadata_certificates import signing_certificates
from saml_sso.identity_providers.metadata_document import (
    InvalidDocument,
    parse_document,
)
from saml_sso.identity_providers.metadata_elements import MD, text_of
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata, MetadataReason
from saml_sso.identity_providers.trusted_addresses import (
    objection_to_entity_id,
    objection_to_url,
    tenant_id_of,
)

_SAML_2 = "urn:oasis:names:tc:SAML:2.0:protocol"
_HTTP_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


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
    expired, current = signing_certificates(role, now)
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
    if root.tag not in {f"{MD}EntityDescriptor", f"{MD}EntitiesDescriptor"}:
        raise InvalidMetadata(MetadataReason.NOT_METADATA)
    roles = [
        role
        for role in root.iter(f"{MD}IDPSSODescriptor")
        if role.getparent().tag == f"{MD}EntityDescriptor"
        and _SAML_2 in role.get("protocolSupportEnumeration", "").split()
    ]
    if len(roles) > 1:
        raise InvalidMetadata(MetadataReason.SEVERAL_IDENTITY_PROVIDERS)
    if roles:
        return roles[0]
    if next(root.iter(f"{MD}SPSSODescriptor"), None) is not None:
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
    for endpoint in role.iterchildren(f"{MD}{service}"):
        if endpoint.get("Binding") == _HTTP_REDIRECT:
            location: str = endpoint.get("Location", "").strip()
            return location
    return None


def _name_id_formats(role: Element) -> tuple[str, ...]:
    formats = (text_of(each).strip() for each in role.iterchildren(f"{MD}NameIDFormat"))
    return tuple(dict.fromkeys(filter(None, formats)))
