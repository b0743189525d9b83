"""How much changed on each of the last days, as a chart and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
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
    counted = _counted(organization)
    highest = max(counted.values(), default=1)
    return [
        _day(place, day, counted.get(day, 0), highest)
        for place, day in enumerate(dates)
    ]


def _counted(organization: Organization) -> dict[date, int]:
    since = timezone.now() - timedelta(days=DAYS)
    events = AuditEvent.objects.filter(
        organization_id=organization.pk, action__in=CHANGES, occurred_at__gte=since
    )
    by_day = events.annotate(day=TruncDate("occurred_at")).values_list("day")
    return dict(by_day.annotate(changes=Count("pk")))


def _day(place: int, day: date, changes: int, highest: int) -> Day:
    height = max(round(56 * changes / highest), 2) if changes else 1
    return Day(day, changes, x=place * 20 + 2, y=58 - height, height=height)
