"""Guesses of passwords and codes: whose they are counted for, and one after another.

A browser from which somebody has signed in is known by a cookie, for that person alone
(a device cookie, as OWASP calls it): its failures are counted for itself, wherever it
is. Those of every other browser are counted for the person and the address. So whoever
fails, for a colleague and from the colleague's own address, locks out no known browser.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import OperationalError, transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from psycopg.errors import LockNotAvailable

from chatwork_admin.client_addresses import client_address, place_of
from chatwork_admin.database.statements import execute
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.one_time_codes import (
    Resting,
    UsedAlready,
    WrongCode,
)

KEPT = timedelta(days=180)  # since the last sign-in
KNOWN = "known browser"
COUNTED, NAME = "attempts_counted_for", "attempts_name"
REFUSED = "attempts_refused_code"
LATER = "attempts_put_off"
SOON = 5  # seconds; those before have had three to finish
WORDS = {
    UsedAlready.reason: _(
        "This one-time code was used already. Wait for the next one that the app shows."
    ),
    Resting.reason: _(
        "There were too many wrong one-time codes, so for up to an hour none of the app "
        "counts. A recovery code or a security key does instead, and so does SAML "
        "sign-in, if you have it. If it was not you, somebody knows your password: "
        "change it."
    ),
}
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def authenticate(
    request: HttpRequest, name: str, *, counted_for: str = "", **credentials: object
) -> AbstractBaseUser | None:
    """Ask the backends who this is, one attempt after another, so that all are counted.

    `counted_for`: what the failures count against instead, where that cannot be guessed.
    Whoever waits too long for those before, or for the person's app, is put off.
    """
    name = request.META[NAME] = fold(name)
    request.META[COUNTED] = counted_for or _browser(request, name)
    turn = request.META[COUNTED] or f"{name} {_place(request)}"
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


def is_known(request: HttpRequest, name: str) -> bool:
    """Say whether this person has signed in with this browser lately."""
    return bool(_browser(request, fold(name)))


def remember(response: HttpResponse, request: HttpRequest, name: str) -> None:
    """Know the browser again in which this person has just signed in."""
    name = fold(name)
    browser = _browser(request, name) or f"{KNOWN} {secrets.token_hex(16)}"
    response.set_signed_cookie(
        _cookie(name),
        browser,
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def name_counted(
    request: HttpRequest, credentials: dict[str, object] | None = None
) -> str:
    """Return for whom django-axes is to count (AXES_USERNAME_CALLABLE)."""
    name = (credentials or {}).get("username") or ""
    return request.META.get(COUNTED) or fold(str(name))


def columns_counted(
    request: HttpRequest, credentials: dict[str, object] | None = None
) -> list[str] | list[list[str]]:
    """Return by what django-axes is to count (AXES_LOCKOUT_PARAMETERS)."""
    if request.META.get(COUNTED):
        return ["username"]
    return [["username", "ip_address"]]


def place_counted(request: HttpRequest) -> str | None:
    """Return from where django-axes is to count (AXES_CLIENT_IP_CALLABLE)."""
    return _place(request) or None


def note_refused_code(request: HttpRequest, refused: WrongCode) -> None:
    """Remember why a code was refused that came with the right password."""
    request.META[REFUSED] = refused.reason


def reason(request: HttpRequest) -> str:
    """Return why a code was refused, if there is more to say than that it was wrong."""
    return str(request.META.get(REFUSED, ""))


def words(request: HttpRequest, wrong: str) -> str:
    """Return what to say of an attempt that failed: `wrong`, unless more is known."""
    return str(WORDS.get(reason(request), wrong))


def is_no_guess(
    request: HttpRequest, credentials: dict[str, object] | None = None
) -> bool:
    """Say what django-axes is not to count (AXES_WHITELIST_CALLABLE): a code sent twice."""
    return reason(request) == UsedAlready.reason


def are_over(request: HttpRequest) -> bool:
    """Say whether this attempt came after the last one for a while: it was not looked at."""
    is_locked = getattr(request, "axes_locked_out", False)
    return is_locked and not has_just_locked(request)


def has_just_locked(request: HttpRequest) -> bool:
    """Say whether the attempt that has just failed was the last for a while."""
    failures = getattr(request, "axes_failures_since_start", None)
    return failures == settings.AXES_FAILURE_LIMIT


def _browser(request: HttpRequest, name: str) -> str:
    """Return what a known browser is counted as, nothing for any other."""
    return (
        request.get_signed_cookie(
            _cookie(name), default="", max_age=int(KEPT.total_seconds())
        )
        or ""
    )


def _cookie(name: str) -> str:
    """Return the name of the cookie, which is signed with it: another for each person."""
    pepper = settings.TOKEN_PEPPER.encode()
    named = hmac.new(pepper, f"known browser of {name}".encode(), hashlib.sha256)
    return f"{settings.COOKIE_PREFIX}known-{named.hexdigest()[:32]}"


def _place(request: HttpRequest) -> str:
    return place_of(client_address(request))
