"""How long until something ends: one figure, wherever it is shown."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext


def days_left(instant: datetime) -> int:
    """Return the days until then, a begun one too; none is left once it is past."""
    left = instant - timezone.now()
    return max(-(-left // timedelta(days=1)), 0)


def time_left(instant: datetime) -> str:
    """Say how many days are left, or that not even one is."""
    if instant - timezone.now() < timedelta(days=1):
        return gettext("Less than one day left")
    return gettext("%(days)d days left") % {"days": days_left(instant)}
