"""How often strangers at one address may ask for a sign-in, of an organization or of any.

The generic cell rate algorithm, as `scim.rate`, with the database as memory: a limit of
sign-ins must hold even without Redis, and without the database nobody signs in anyway.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from chatwork_admin.client_addresses import client_address, place_of
from chatwork_admin.database.statements import fetch
from chatwork_admin.organizations.attempts import known_browsers
from chatwork_admin.organizations.models import Organization
from saml_sso.models import Arrival, Visit


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once after a pause, and one each `pace` in the long run."""

    scope: str
    pace: timedelta
    burst: int


# Everybody of a company may come from one address at nine o'clock: 10,000 people in ten
# minutes are 17 sign-ins a second, of three requests each.
SAML = Limit("", timedelta(seconds=1) / 60, burst=600)
# Of what nobody vouches for, a wrong setting makes some, and whoever fills logs many.
REFUSED = Limit("r:", timedelta(seconds=1), burst=150)
# Around SAML comes one person, who may mistype.
BYPASS = Limit("b:", timedelta(seconds=90), burst=10)
# Whoever does not know their login URL asks once or twice; a company has one address.
LOST = Limit("", timedelta(seconds=30), burst=20)
# Whoever guesses passwords tries many people; the browsers that a company has just
# bought come at once, too, and are known from then on.
PASSWORD = Limit("p:", timedelta(minutes=1), burst=60)


class TooManyRequests(Exception):
    """From this address, to this organization; `retry_after` is in whole seconds."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(TooManyRequests.__doc__)
        self.retry_after = math.ceil(limit.pace.total_seconds())


def admit(organization: Organization, address: str, limit: Limit = SAML) -> None:
    """Count one request. Raises TooManyRequests, and counts nothing then."""
    place, pace = limit.scope + place_of(address), limit.pace
    asked = [organization.pk, place, pace, pace, pace * (limit.burst - 1)]
    if fetch(ARRIVE, asked) is None:
        raise TooManyRequests(limit)


def admit_visitor(address: str, limit: Limit) -> None:
    """As `admit`, where no organization is asked for. Raises TooManyRequests."""
    place, pace = limit.scope + place_of(address), limit.pace
    if fetch(VISIT, [place, pace, pace, pace * (limit.burst - 1)]) is None:
        raise TooManyRequests(limit)


def admit_stranger(request: HttpRequest, name: str) -> None:
    """Count an attempt to sign in by password for its address, whoever is meant.

    But for browsers from which this person has signed in: no neighbour keeps those out.
    Raises TooManyRequests.
    """
    if not known_browsers.is_known(request, name):
        admit_visitor(client_address(request), PASSWORD)


def forget_old_arrivals() -> int:
    """Delete what limits nobody any more; return how many."""
    now = timezone.now()
    arrivals, _ = Arrival.objects.filter(at__lt=now).delete()
    visits, _ = Visit.objects.filter(at__lt=now).delete()
    return arrivals + visits


ARRIVE = """
    INSERT INTO saml_sso_arrival AS known (organization_id, address, at)
    VALUES (%s, %s, statement_timestamp() + %s)
    ON CONFLICT (organization_id, address) DO UPDATE
        SET at = greatest(known.at, statement_timestamp()) + %s
        WHERE known.at <= statement_timestamp() + %s
    RETURNING 1
"""
VISIT = """
    INSERT INTO saml_sso_visit AS known (address, at)
    VALUES (%s, statement_timestamp() + %s)
    ON CONFLICT (address) DO UPDATE
        SET at = greatest(known.at, statement_timestamp()) + %s
        WHERE known.at <= statement_timestamp() + %s
    RETURNING 1
"""
