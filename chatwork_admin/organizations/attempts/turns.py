"""Guesses of passwords and codes: looked at one after another, or put off."""

from __future__ import annotations

import math
from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import OperationalError, transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from chatwork_admin.database.statements import execute
from chatwork_admin.organizations.attempts import known_browsers
from chatwork_admin.organizations.attempts.counting import COUNTED, place_counted
from chatwork_admin.organizations.folding import fold

NAME = "attempts_name"
LATER = "attempts_put_off"
SOON = 5  # seconds; those before have had three to finish
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def authenticate(
    request: HttpRequest, name: str, *, counted_for: str = "", **credentials: object
) -> AbstractBaseUser | None:
    """Ask the backends who this is, one attempt after another, so that all are counted.

    `counted_for`: what the failures count against instead, where that cannot be guessed.
    Whoever waits too long for those before, or for the person's app, is put off.
    """
    name = request.META[NAME] = fold(name)
    request.META[COUNTED] = counted_for or known_browsers.counted_as(request, name)
    turn = request.META[COUNTED] or f"{name} {place_counted(request)}"
    try:
        with transaction.atomic():
            execute(ONE_AT_A_TIME, [turn])
            return auth.authenticate(request, username=name, **credentials)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        put_off(request, SOON)
        return None


def put_off(request: HttpRequest, seconds: int) -> None:
    """Have this attempt answered by 429, for nobody looks at it now; it counts nowhere."""
    request.axes_locked_out = True  # type: ignore[attr-defined] # its middleware answers
    request.META[LATER] = seconds


def seconds_to_wait(request: HttpRequest) -> int:
    """Return after how long the next attempt is looked at, at the latest."""
    if LATER in request.META:
        return int(request.META[LATER])
    failures = AccessAttempt.objects.filter(
        username=request.META.get(COUNTED) or request.META.get(NAME, "")
    )
    if not request.META.get(COUNTED):
        failures = failures.filter(ip_address=place_counted(request))
    last = failures.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    over = last + timedelta(hours=settings.AXES_COOLOFF_TIME)
    return max(1, math.ceil((over - timezone.now()).total_seconds()))
