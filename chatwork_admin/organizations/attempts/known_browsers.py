"""The browsers from which somebody has signed in: known by a cookie, for that person alone.

It is a device cookie, as OWASP calls it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from chatwork_admin.organizations.folding import fold

KEPT = timedelta(days=180)  # since the last sign-in
KNOWN = "known browser"


def is_known(request: HttpRequest, name: str) -> bool:
    """Say whether this person has signed in with this browser lately."""
    return bool(counted_as(request, fold(name)))


def remember(response: HttpResponse, request: HttpRequest, name: str) -> None:
    """Know the browser again in which this person has just signed in."""
    name = fold(name)
    browser = counted_as(request, name) or f"{KNOWN} {secrets.token_hex(16)}"
    response.set_signed_cookie(
        _cookie(name),
        browser,
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def counted_as(request: HttpRequest, name: str) -> str:
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
