"""From which addresses metadata may be fetched, judged before anybody goes there."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from saml_sso.identity_providers.trusted_addresses import (
    TrustReason,
    is_of_a_stand_in,
    objection_to_url,
)

HTTPS = 443
MICROSOFT_HOSTS = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "sts.windows.net",
    }
)
# Entra's words for "whichever tenant"; their metadata names nobody.
_EVERY_TENANT = frozenset({"common", "organizations", "consumers"})


class AddressReason(StrEnum):
    """Why metadata is not fetched from an address; a value is never renamed."""

    HOST_NOT_LISTED = "host-not-listed"
    OTHER_PORT = "other-port"
    EVERY_TENANT = "every-tenant"


def objection_to_metadata_url(
    url: str, *, more_hosts: Collection[str] = (), stand_ins: Collection[str] = ()
) -> TrustReason | AddressReason | None:
    """Say why `url` must not be visited; None if it may.

    Accepted is https, on its own port, to a host of Microsoft's or of `more_hosts`
    (lower case), each compared as a whole. `stand_ins`: see `objection_to_url`.
    """
    objection = objection_to_url(url, stand_ins=stand_ins)
    if objection or is_of_a_stand_in(url, stand_ins):
        return objection
    parts = urlsplit(url)
    if parts.hostname not in MICROSOFT_HOSTS and parts.hostname not in more_hosts:
        return AddressReason.HOST_NOT_LISTED
    if parts.port not in {None, HTTPS}:
        return AddressReason.OTHER_PORT
    if _is_microsofts(parts) and _tenant(parts) in _EVERY_TENANT:
        return AddressReason.EVERY_TENANT
    return None


def is_of_a_whole_tenant(url: str) -> bool:
    """Whether Entra answers with the keys of a tenant, not of one application.

    An enterprise application signs with a certificate of its own, which only an address
    with `appid` names. The administrator must be told: sign-in would fail.
    """
    parts = urlsplit(url)
    named = {name.lower() for name in parse_qs(parts.query)}
    return _is_microsofts(parts) and "appid" not in named


def _is_microsofts(parts: SplitResult) -> bool:
    return parts.hostname in MICROSOFT_HOSTS


def _tenant(parts: SplitResult) -> str:
    return unquote(parts.path).lstrip("/").partition("/")[0].lower()
