"""How much changed on each of the last days, as a chart and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.db.models import Count, Q
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.organizations.models import Organization

DAYS = 14
CHANGES = (
    Action.USER_PROVISIONED,
    Action.USER_LINKED,
    Action.USER_CHANGED,
    Action.USER_SUSPENDED,
    Action.USER_REACTIVATED,
    Action.USER_DELETED,
    Action.GROUP_PROVISIONED,
    Action.GROUP_CHANGED,
    Action.GROUP_DELETED,
)


@dataclass(frozen=True, slots=True)
class Day:
    """The changes of one day; `x`, `y` and `height` draw its bar in a 280 by 60 box."""

    date: date
    changes: int
    x: int
    y: int
    height: int


def days_of(organization: Organization) -> list[Day]:
    """Return the last fourteen days, today last."""
    today = timezone.localdate()
    dates = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    counts = _counts(organization, dates)
    highest = max(*counts, 1)
    return [
        _day(place, day, changes, highest)
        for place, (day, changes) in enumerate(zip(dates, counts, strict=True))
    ]


def _counts(organization: Organization, dates: list[date]) -> list[int]:
    """Count by ids, which are in the order of time: an index has all that is asked."""
    begins = [
        first_id_at(timezone.make_aware(datetime.combine(day, time.min)))
        for day in dates
    ]
    events = AuditEvent.objects.filter(
        organization_id=organization.pk, action__in=CHANGES, pk__gte=begins[0]
    )
    since = events.aggregate(
        **{
            str(place): Count("pk", filter=Q(pk__gte=first))
            for place, first in enumerate(begins)
        }
    )
    totals = [*since.values(), 0]
    return [former - later for former, later in pairwise(totals)]


def _day(place: int, day: date, changes: int, highest: int) -> Day:
    height = max(round(56 * changes / highest), 2) if changes else 1
    return Day(day, changes, x=place * 20 + 2, y=58 - height, height=height)
