"""What a browser sees when something is refused, missing or broken."""

from __future__ import annotations

import logging
import sys

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render

from chatwork_admin.reference_numbers import request_reference

logger = logging.getLogger(__name__)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of another site, or of a tab from before signing in, which changes tokens."""
    context = {
        "address": request.get_full_path(),
        "lacks_cookie": reason == REASON_NO_CSRF_COOKIE,
    }
    return render(request, "portal/errors/csrf.html", context, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        reference = request_reference(request)
        logger.warning("a form was too large", extra={"reference": reference})
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"explanation": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault; a database that is away comes back, so say when to try again."""
    context = {"reference": request_reference(request)}
    response = render(request, "500.html", context, status=500)
    if isinstance(sys.exception(), OperationalError):
        response.status_code = 503
        response["Retry-After"] = "1"
    return response
