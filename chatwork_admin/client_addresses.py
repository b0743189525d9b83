"""Where a request comes from, behind the proxies that are trusted."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the IP address of the client: what the outermost trusted proxy saw.

    Without `TRUSTED_PROXIES`, X-Forwarded-For is what anybody may have written.
    """
    return address_in(request.META)


def address_in(meta: Mapping[str, Any]) -> str:
    direct: str = meta.get("REMOTE_ADDR", "")
    if not settings.TRUSTED_PROXIES:
        return direct
    forwarded = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
    seen = [address.strip() for address in forwarded if address.strip()]
    return (
        _without_port(seen[-settings.TRUSTED_PROXIES])
        if len(seen) >= settings.TRUSTED_PROXIES
        else direct
    )


def place_of(address: str) -> str:
    """One subscriber has 2^64 addresses of IPv6, and of IPv4 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((int(parsed), 64), strict=False).network_address)
    return str(parsed)


def _without_port(seen: str) -> str:
    """Azure Application Gateway writes 203.0.113.9:50123, others [2001:db8::7]:50123."""
    if seen.startswith("["):
        return seen[1:].partition("]")[0]
    return seen.partition(":")[0] if seen.count(":") == 1 else seen
