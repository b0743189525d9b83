"""What may be trusted of an identity provider: its name, addresses and certificates."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

from saml_sso.identity_providers.certificates import (
    CertificateReason,
    InvalidCertificate,
    SigningCertificate,
    parse_certificates,
)

LONGEST_ENTITY_ID = 1024  # SAML Core §8.3.6
LONGEST_URL = 2048

_URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")  # RFC 3986 §2
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):.")  # RFC 3986 §3.1
_ACTIVE_SCHEMES = frozenset({"javascript", "vbscript", "data", "file", "blob"})
# At least two labels: python3-saml refuses one, which would surface at the first login.
# The last begins with a letter: a browser takes "127.1" and "10.0x1" for addresses.
_HOST_NAME = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_ENTRA_ENTITY_ID = re.compile(
    r"https://sts\.windows\.net/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/.*",
    re.IGNORECASE,
)


class TrustReason(StrEnum):
    """Why a name or an address is refused; a value is never renamed."""

    REQUIRED = "required"
    TOO_LONG = "too-long"
    PLACEHOLDER = "placeholder"
    NOT_A_URI = "not-a-uri"
    FORBIDDEN_SCHEME = "forbidden-scheme"
    NOT_HTTPS = "not-https"
    HAS_FRAGMENT = "has-fragment"
    HAS_USER_INFORMATION = "has-user-information"
    INVALID_HOST = "invalid-host"
    HOST_NOT_PUBLIC = "host-not-public"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, with the certificate it is about where that could be read."""

    reason: TrustReason | CertificateReason
    certificate: SigningCertificate | None = None


@dataclass(frozen=True, slots=True)
class IdentityProviderSettings:
    """What `validate` lets through; the two logout addresses may be empty."""

    entity_id: str
    single_sign_on_url: str
    single_logout_url: str
    after_logout_url: str
    certificates: tuple[SigningCertificate, ...]

    @property
    def tenant_id(self) -> str | None:
        return tenant_id_of(self.entity_id)


class InvalidSettings(Exception):
    """`errors` holds, under the name of each refused field, what is wrong with it."""

    def __init__(self, errors: Mapping[str, tuple[Refusal, ...]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def validate(  # noqa: PLR0913 - the fields of one form
    *,
    entity_id: str,
    single_sign_on_url: str,
    single_logout_url: str,
    after_logout_url: str,
    certificates: str,
    now: datetime,
    stand_ins: Collection[str] = (),
) -> IdentityProviderSettings:
    """Return the settings of a form, or of metadata, if every field may be saved.

    `certificates` is text as `parse_certificates` reads it. None may have expired at
    `now` (aware), and one at least must be valid: a next one may wait beside it.
    `stand_ins`: see `objection_to_url`.
    Raises InvalidSettings with the errors of all fields at once.
    """
    parsed, refusals = _read_certificates(certificates, now)
    settings = IdentityProviderSettings(
        entity_id=entity_id.strip(),
        single_sign_on_url=single_sign_on_url.strip(),
        single_logout_url=single_logout_url.strip(),
        after_logout_url=after_logout_url.strip(),
        certificates=parsed,
    )
    _refuse_errors(settings, refusals, stand_ins)
    return settings


def objection_to_entity_id(entity_id: str) -> TrustReason | None:
    """Say why `entity_id` is no absolute URI of SAML Core §8.3.6; None if it is one.

    It is compared, never visited, so AD FS and Okta may go on naming theirs `http://`.
    """
    objection = _objection_to_uri(entity_id, longest=LONGEST_ENTITY_ID)
    if objection:
        return objection
    if _scheme_of(entity_id) in _ACTIVE_SCHEMES:
        return TrustReason.FORBIDDEN_SCHEME
    return None


def objection_to_url(
    url: str, *, stand_ins: Collection[str] = ()
) -> TrustReason | None:
    """Say why no browser may be sent to `url`; None if it may.

    Accepted is https to a domain name or a public IPv4 address, any port, any query;
    and every path of `stand_ins`, which name scheme, host and port of identity
    providers that are played on a developer's machine.
    """
    objection = _objection_to_uri(url, longest=LONGEST_URL)
    if objection:
        return objection
    if is_of_a_stand_in(url, stand_ins):
        return None
    if _scheme_of(url) != "https":
        return TrustReason.NOT_HTTPS
    return _objection_to_authority(url)


def is_of_a_stand_in(url: str, stand_ins: Collection[str]) -> bool:
    return any(url.startswith(f"{origin}/") for origin in stand_ins)


def tenant_id_of(entity_id: str) -> str | None:
    """Return the Entra tenant that `entity_id` names, in lower case, if it names one.

    Entra may put more behind the last slash ("issuer with application id").
    """
    match = _ENTRA_ENTITY_ID.fullmatch(entity_id)
    return match[1].lower() if match else None


def _read_certificates(
    text: str, now: datetime
) -> tuple[tuple[SigningCertificate, ...], tuple[Refusal, ...]]:
    if not text.strip():
        return (), (Refusal(TrustReason.REQUIRED),)
    try:
        certificates = parse_certificates(text)
    except InvalidCertificate as invalid:
        return (), (Refusal(invalid.reason, invalid.certificate),)
    return certificates, _time_refusals(certificates, now)


def _time_refusals(
    certificates: tuple[SigningCertificate, ...], now: datetime
) -> tuple[Refusal, ...]:
    expired = tuple(
        Refusal(CertificateReason.EXPIRED, certificate)
        for certificate in certificates
        if certificate.has_expired_at(now)
    )
    if expired or any(certificate.is_valid_at(now) for certificate in certificates):
        return expired
    return tuple(
        Refusal(CertificateReason.NOT_YET_VALID, certificate)
        for certificate in certificates
    )


def _refuse_errors(
    settings: IdentityProviderSettings,
    certificate_refusals: tuple[Refusal, ...],
    stand_ins: Collection[str],
) -> None:
    errors = _address_errors(settings, stand_ins)
    if certificate_refusals:
        errors["certificates"] = certificate_refusals
    if errors:
        raise InvalidSettings(errors)


def _address_errors(
    settings: IdentityProviderSettings, stand_ins: Collection[str]
) -> dict[str, tuple[Refusal, ...]]:
    objections = {
        "entity_id": objection_to_entity_id(settings.entity_id),
        "single_sign_on_url": objection_to_url(
            settings.single_sign_on_url, stand_ins=stand_ins
        ),
        "single_logout_url": _objection_to_optional_url(
            settings.single_logout_url, stand_ins
        ),
        "after_logout_url": _objection_to_optional_url(settings.after_logout_url),
    }
    found = ((field, why) for field, why in objections.items() if why)
    return {field: (Refusal(why),) for field, why in found}


def _objection_to_optional_url(
    url: str, stand_ins: Collection[str] = ()
) -> TrustReason | None:
    return objection_to_url(url, stand_ins=stand_ins) if url else None


def _objection_to_uri(uri: str, *, longest: int) -> TrustReason | None:
    if not uri:
        return TrustReason.REQUIRED
    if len(uri) > longest:
        return TrustReason.TOO_LONG
    if (
        "{" in uri
    ):  # Entra's metadata of "common" says https://sts.windows.net/{tenant}/
        return TrustReason.PLACEHOLDER
    if not _URI_CHARACTERS.fullmatch(uri) or not _SCHEME.match(uri):
        return TrustReason.NOT_A_URI
    if "#" in uri:
        return TrustReason.HAS_FRAGMENT
    return None


def _scheme_of(uri: str) -> str:
    return uri.partition(":")[0].lower()


def _objection_to_authority(url: str) -> TrustReason | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # unbalanced brackets, or a port above 65535
        return TrustReason.INVALID_HOST
    if "@" in parts.netloc:
        return TrustReason.HAS_USER_INFORMATION
    if "[" in parts.netloc:  # an IPv6 literal can hide an IPv4 address in many ways
        return TrustReason.HOST_NOT_PUBLIC
    if port == 0 or parts.netloc.lower() not in {host, f"{host}:{port}"}:
        return TrustReason.INVALID_HOST
    return _objection_to_host(host)


def _objection_to_host(host: str) -> TrustReason | None:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 §6.3
        return TrustReason.HOST_NOT_PUBLIC
    if _HOST_NAME.fullmatch(host):
        return None
    try:
        address = IPv4Address(host)
    except AddressValueError:
        return TrustReason.INVALID_HOST
    if not address.is_global or address.is_multicast:
        return TrustReason.HOST_NOT_PUBLIC
    return None
