"""What whoever tries too often is shown: how long to wait, and where to go on."""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def later(request: HttpRequest, seconds: int, *, door: str) -> HttpResponse:
    """Return the page that asks to wait; `door` is where to try again."""
    context = {"minutes": math.ceil(seconds / 60), "door": door}
    response = render(
        request, "portal/errors/too_many_attempts.html", context, status=429
    )
    response["Retry-After"] = str(seconds)
    return response
