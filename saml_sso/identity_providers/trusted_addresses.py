"""Which name and which addresses may be those of an identity provider. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

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
