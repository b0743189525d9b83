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
from scim import errors, limits
from scim.authentication import token_in

AUTHORIZATION = "HTTP_AUTHORIZATION"
Handler = Callable[[HttpRequest], HttpResponse]


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
        if refusal := _refusal(request):
            return errors.response_to(refusal, request)
        match = resolve(request.path_info)
        request.resolver_match = match
        try:
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
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


def _refusal(request: HttpRequest) -> Exception | None:
    """Refuse what would otherwise be answered in HTML, or by a redirect (A3, A7)."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return errors.NotSecure(errors.NotSecure.__doc__)
    if (
        len(request.path_info) + len(request.META.get("QUERY_STRING", ""))
        > limits.MAX_ADDRESS
    ):
        return errors.UriTooLong(errors.UriTooLong.__doc__)
    return None
