"""What whoever tries too often is shown: how long to wait, and where to go on."""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

BYPASS = "sso_skip"  # as Chatwork calls the way around SAML


def later(request: HttpRequest, seconds: int, *, door: str) -> HttpResponse:
    """Return the page that asks to wait; `door` is where to try again."""
    context = {
        "minutes": math.ceil(seconds / 60),
        "door": door,
        "is_around_saml": _is_around_saml(request),
    }
    response = render(
        request, "portal/errors/too_many_attempts.html", context, status=429
    )
    response["Retry-After"] = str(seconds)
    return response


def _is_around_saml(request: HttpRequest) -> bool:
    """Say whether this is the door at which emergency codes are taken."""
    match = request.resolver_match
    is_own_door = match is not None and match.url_name == "dedicated-login"
    return is_own_door and BYPASS in request.GET
