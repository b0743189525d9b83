"""A shorter way through the middleware for provisioning clients."""

from __future__ import annotations

from collections.abc import Callable
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from chatwork_admin import faults
from chatwork_admin.authorization import tokens
from chatwork_admin.reference_numbers import request_reference
from scim import dispatch, errors, limits
from scim.whose import token_in

AUTHORIZATION = "HTTP_AUTHORIZATION"
Handler = Callable[[HttpRequest], HttpResponse]
REFUSED = "scim.refused"  # in META: what is wrong, as was seen before Django was asked


class ShortCourse:
    """Answer SCIM requests here; what comes after is for browsers.

    A bearer token needs no session, cookie, language, form token or static file, and
    addresses come from the configuration, never from the Host header.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_scim(request.path_info):
            return self.get_response(request)
        match = resolve(request.path_info)
        request.resolver_match = match
        fault = request.META.get(REFUSED) or _fault(request)
        view = dispatch.RefusingView.as_view(error=fault) if fault else match.func
        try:
            response: HttpResponse = view(request, *match.args, **match.kwargs)
        except Exception as error:  # noqa: BLE001 - not even a fault leaves as HTML
            reference = request_reference(request)
            faults.tell(error, "scim request failed", reference=reference)
            return errors.response_to(error, request)
        return response


def shows_token(environ: WSGIEnvironment) -> bool:
    """Whether a body is worth its wait: not of who is refused before it is read."""
    token = token_in(environ.get(AUTHORIZATION, ""))
    return tokens.digest_of(token) is not None


def is_scim(path: str) -> bool:
    return f"{path}/".startswith("/scim/")


def _fault(request: HttpRequest) -> type[Exception] | None:
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return errors.NotSecure  # A3, A7: no redirect
    query = request.META.get("QUERY_STRING", "")
    is_too_long = len(request.path_info) + len(query) > limits.MAX_ADDRESS
    return errors.UriTooLong if is_too_long else None
