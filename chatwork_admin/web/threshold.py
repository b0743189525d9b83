"""What is decided of a request before it begins: if it is one, how large, whose."""

from __future__ import annotations

from functools import lru_cache
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.db import DatabaseError
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from chatwork_admin.client_addresses import address_in, place_of
from chatwork_admin.middleware import UNLESS_SAID
from chatwork_admin.organizations.sessions import lookup
from chatwork_admin.reference_numbers import new_reference
from chatwork_admin.web.bodies import LENGTH
from chatwork_admin.web.environ import ENCODING, HOST, METHODS, names_host
from chatwork_admin.web.turns import Caller
from saml_sso.sign_in import posted
from scim import course, errors, limits
from scim.search import queries
from scim.whose import whose

AUTHORIZATION, COOKIE, TYPE = "HTTP_AUTHORIZATION", "HTTP_COOKIE", "CONTENT_TYPE"
LARGEST: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
RETRY_AFTER = 1.0  # seconds, for who has too many waiting already
OF_STRANGERS = 64 * 1024  # bytes; more than any form of somebody who is not signed in

Refusal = tuple[int, list[tuple[str, str]], bytes]


class NoHost(SuspiciousOperation):
    """A request that names no host, or several (RFC 9112 §3.2)."""


class NotKnown(errors.NotImplementedHere):
    """The method or the transfer coding is not known here."""


def is_sound(environ: WSGIEnvironment) -> bool:
    """Whether what is seen at first may be answered; if not, the long way says why."""
    query: str = environ["QUERY_STRING"]
    return _is_ours(environ.get(HOST, "")) and queries.is_utf8(query)


def refusal(environ: WSGIEnvironment) -> Refusal | None:
    """Return status, headers and text for a message that is no request; else None.

    What a client of SCIM shows a token with goes on, to be refused where it is known
    whose it is, and recorded; without a media type nothing takes it for a write.
    """
    error = _fault(environ)
    if error is None:
        return None
    if course.is_scim(environ["PATH_INFO"]) and course.shows_token(environ):
        environ[course.REFUSED], environ[TYPE] = error, ""
        return None
    return _refusal(environ, error(error.__doc__))


def too_many(environ: WSGIEnvironment) -> Refusal:
    """Return them for a request that comes while too many of its caller wait."""
    return _refusal(environ, errors.TooManyRequests(RETRY_AFTER))


def allowed(environ: WSGIEnvironment) -> int:
    """Return how many bytes are awaited of a body: 0 if the request is refused unread."""
    path: str = environ["PATH_INFO"]
    if course.is_scim(path):
        is_wanted = course.shows_token(environ) and course.REFUSED not in environ
        return LARGEST if is_wanted else 0
    if path.startswith("/saml/"):
        return posted.LARGEST_BODY
    is_form = environ["REQUEST_METHOD"] == "POST"
    is_large = is_form and int(environ.get(LENGTH, LARGEST)) > OF_STRANGERS
    return LARGEST if is_large and _is_of_somebody(environ) else OF_STRANGERS


def caller(environ: WSGIEnvironment) -> Caller:
    """Return whose turn a request is: an organization's, a session's, or an address's.

    Whoever shows what nobody has seen yet may have made it up: he is a stranger.
    """
    if course.is_scim(environ["PATH_INFO"]):
        name, is_client = whose(environ.get(AUTHORIZATION, "")), True
    else:
        key = _session_key(environ)
        name, is_client = key if lookup.was_found(key) else None, False
    return Caller(name or place_of(address_in(environ)), is_client=is_client)


def _refusal(environ: WSGIEnvironment, error: Exception) -> Refusal:
    reference = new_reference()
    status, headers, body = errors.message_to(error, reference)
    if not course.is_scim(environ["PATH_INFO"]):
        headers["Content-Type"] = "text/plain; charset=utf-8"
        body = errors.text_of(errors.answer_to(error), error).encode()
    headers |= {"X-Request-Id": reference, **UNLESS_SAID}
    return status, [*headers.items()], body


def _fault(environ: WSGIEnvironment) -> type[Exception] | None:
    if fault := _fault_of_host(environ):
        return fault
    is_known = environ.get(ENCODING, "chunked").lower() == "chunked"
    if not is_known or environ["REQUEST_METHOD"] not in METHODS:
        return NotKnown  # RFC 9112 §6.1, RFC 9110 §9.1
    if _has_large_headers(environ):
        return errors.HeadersTooLarge  # RFC 6585 §5
    return None


def _fault_of_host(environ: WSGIEnvironment) -> type[Exception] | None:
    """Of all but SCIM Django itself says whether the host is allowed."""
    if environ["SERVER_PROTOCOL"] == "HTTP/1" and HOST not in environ:
        return None
    if not names_host(environ):
        return NoHost
    is_allowed = not course.is_scim(environ["PATH_INFO"]) or _is_ours(environ[HOST])
    return None if is_allowed else DisallowedHost


@lru_cache(16)
def _is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _has_large_headers(environ: WSGIEnvironment) -> bool:
    headers = [len(said) for name, said in environ.items() if name[:5] == "HTTP_"]
    is_long = len(environ.get(TYPE, "")) > limits.MAX_CONTENT_TYPE
    return is_long or sum(headers) > limits.MAX_HEADERS


def _is_of_somebody(environ: WSGIEnvironment) -> bool:
    """Whether the browser's session is, or was, somebody's: then the form is not lost.

    While the database is away nobody can tell; what comes next will say so.
    """
    key = _session_key(environ)
    try:
        return lookup.find_even_ended(key) is not None
    except DatabaseError:
        return key is not None


def _session_key(environ: WSGIEnvironment) -> str | None:
    cookies = parse_cookie(environ.get(COOKIE, ""))
    return cookies.get(settings.SESSION_COOKIE_NAME)
