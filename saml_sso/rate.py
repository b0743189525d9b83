"""How often strangers at one address may ask an organization for a sign-in.

The generic cell rate algorithm, as `scim.rate`, with the database as memory: a limit of
sign-ins must hold even without Redis, and without the database nobody signs in anyway.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.utils import timezone

from chatwork_admin.organizations.models import Organization
from chatwork_admin.statements import fetch
from saml_sso.models import Arrival

# Everybody of a company may come from one address at nine o'clock: 10,000 people in ten
# minutes are 17 sign-ins a second, of three requests each.
PER_SECOND = 60
BURST = 600


class TooManyRequests(Exception):
    """From this address, to this organization; `retry_after` is in whole seconds."""

    retry_after = 1


def admit(organization: Organization, address: str) -> None:
    """Count one request. Raises TooManyRequests, and counts nothing then."""
    cost = timedelta(seconds=1 / PER_SECOND)
    asked = [organization.pk, _place(address), cost, cost, cost * BURST]
    if fetch(ARRIVE, asked) is None:
        raise TooManyRequests(TooManyRequests.__doc__)


def forget_old_arrivals() -> int:
    """Delete what limits nobody any more; return how many."""
    deleted, _ = Arrival.objects.filter(at__lt=timezone.now()).delete()
    return deleted


def _place(address: str) -> str:
    """One subscriber has 2^64 addresses of IPv6, and of IPv4 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((int(parsed), 64), strict=False).network_address)
    return str(parsed)


ARRIVE = """
    INSERT INTO saml_sso_arrival AS known (organization_id, address, at)
    VALUES (%s, %s, statement_timestamp() + %s)
    ON CONFLICT (organization_id, address) DO UPDATE
        SET at = greatest(known.at, statement_timestamp()) + %s
        WHERE known.at <= statement_timestamp() + %s
    RETURNING 1
"""
