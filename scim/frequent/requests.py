"""What is read of a request before Django is asked, and what each answer says."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from django_scim.constants import SCIM_CONTENT_TYPE

from chatwork_admin.authorization.tokens import digest_of
from scim.frequent.questions import Headers
from scim.prepared import Composed

CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}
COURSE, REFERENCE = "scim.course.ShortCourse", "X-Request-Id"


def is_secure(environ: WSGIEnvironment) -> bool:
    """Whether a request came by HTTPS, as Django's requests say."""
    scheme: str = environ["wsgi.url_scheme"]
    if settings.SECURE_PROXY_SSL_HEADER:
        name, _ = settings.SECURE_PROXY_SSL_HEADER
        scheme = environ.get(name, scheme).partition(",")[0].strip()
    return scheme == "https"


def digest_in(environ: WSGIEnvironment) -> str | None:
    """Return the digest of what may be a token of ours."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return digest_of(token) if scheme == "Bearer" else None


@cache
def common(*, is_https: bool) -> Headers:
    """Return what every answer says, by asking the middleware that every answer passes."""
    get_response: Callable[[HttpRequest], HttpResponse] = _nothing
    for name in reversed(settings.MIDDLEWARE[: settings.MIDDLEWARE.index(COURSE)]):
        get_response = import_string(name)(get_response)
    scheme = "https" if is_https else "http"
    environ = {"REQUEST_METHOD": "GET", "wsgi.input": BytesIO()}
    response = get_response(WSGIRequest(environ | {"wsgi.url_scheme": scheme}))
    return [each for each in response.items() if each[0] != REFERENCE]


def _nothing(_: HttpRequest) -> HttpResponse:
    return HttpResponse(content_type=SCIM_CONTENT_TYPE)


@cache
def address_of_users() -> str:
    return reverse("scim:users")


@cache
def address_of_groups() -> str:
    return reverse("scim:groups")


def shown(status: int, user: Composed) -> tuple[int, Headers, str]:
    """Return what is answered with a user."""
    return status, [("Location", user.location), ("ETag", user.tag)], user.text
