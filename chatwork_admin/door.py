"""Where requests come in: whole, one at a time, and late ones not at all.

Granian hands them over on an event loop (RSGI). Bodies are awaited there, so that a
client that is slow, or only says that it will send, keeps nobody waiting; the rest is
an ordinary WSGI application, which each process has do one request after the other.
Only the commonest writes are awaited, so that some are on their way to the disk together.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from functools import lru_cache
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.utils.module_loading import import_string
from granian.rsgi import (  # type: ignore[attr-defined] # public under these names
    HTTPProtocol,
    ProtocolClosed,
    ProtocolError,
    Scope,
)

from chatwork_admin import faults, wsgi

LONGEST_WAIT = 30.0  # seconds for a whole body
LARGEST_BODY: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
SAME: WSGIEnvironment = {
    "SCRIPT_NAME": "",
    "wsgi.errors": sys.stderr,
    "wsgi.input": BytesIO(),
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": True,
    "wsgi.multithread": False,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}

GLIMPSED = [
    ("authorization", "HTTP_AUTHORIZATION"),
    ("host", "HTTP_HOST"),
    ("if-match", "HTTP_IF_MATCH"),
    ("if-none-match", "HTTP_IF_NONE_MATCH"),
    ("x-forwarded-proto", "HTTP_X_FORWARDED_PROTO"),
]
HOST, TRAILER = "HTTP_HOST", "HTTP_TRAILER"
LENGTH, ENCODING = "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"
METHODS = {
    "CONNECT",
    "DELETE",
    "GET",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "POST",
    "PUT",
    "TRACE",
}
# RFC 3986 §3.2.2, without the comma that joins two of them
AUTHORITY = re.compile(r"(?:[\w.~!$&'()*+;=%-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?", re.ASCII)
Headers = list[tuple[str, str]]
Shortcut = Callable[[WSGIEnvironment], tuple[Headers, str] | None]
Question = Callable[[WSGIEnvironment], bool]
Writes = Callable[[WSGIEnvironment], Awaitable[tuple[int, Headers, str] | None]]

# Django warns of waiting for a database on an event loop, for others wait meanwhile.
# Here they are meant to.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


class Broken(BytesIO):
    """A body that did not come whole: Django makes UnreadablePostError of it."""

    def read(self, _: int | None = -1) -> bytes:
        raise OSError("The body did not arrive whole.")


class Door:
    """An RSGI application that asks a WSGI application, `shortcut` and `writes` before it.

    `shortcut` sees the little of a request that `_glimpse` gives, and answers with headers
    and text what it can: the rest of a request costs as much as to find a user. Whether to
    wait for the body of a request, `is_awaited` says. `writes` sees the whole.
    """

    def __init__(
        self,
        application: WSGIApplication,
        shortcut: Shortcut,
        is_awaited: Question,
        writes: Writes,
        patience: float = LONGEST_WAIT,
    ) -> None:
        self.application, self.shortcut = application, shortcut
        self.is_awaited, self.writes = is_awaited, writes
        self.patience = patience
        self.context = copy_context()  # Django keeps connections in it

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        seen = _glimpse(scope)
        found = self.context.run(self._at_once, seen) if seen else None
        if found is not None:
            protocol.response_str(200, *found)
            return
        environ = (seen or {}) | environ_of(scope)
        if fault := _fault(environ):
            protocol.response_empty(fault, [])
            return
        is_sent = scope.http_version == "2" or LENGTH in environ or ENCODING in environ
        if is_sent and self.is_awaited(environ):
            await self._read(environ, protocol)
        written = await self.writes(environ)
        if written is not None:
            protocol.response_str(*written)
            return
        protocol.response_bytes(*self.context.run(self._answer, environ))

    async def _read(self, environ: WSGIEnvironment, protocol: HTTPProtocol) -> None:
        """Put the body into the environ; one that is announced too large is left there."""
        announced = environ.get(LENGTH)
        if announced is not None and int(announced) > LARGEST_BODY:
            return
        try:
            async with asyncio.timeout(self.patience):
                body = await _body(protocol, _most_empty(environ))
        except (TimeoutError, ProtocolClosed, ProtocolError):
            body = None
        if body is None or announced not in {None, str(len(body))}:
            environ["wsgi.input"] = Broken()
            return
        environ.pop(ENCODING, None)
        environ[LENGTH] = str(len(body))
        environ["wsgi.input"] = BytesIO(body)

    def _at_once(self, environ: WSGIEnvironment) -> tuple[Headers, str] | None:
        try:
            return self.shortcut(environ)
        except Exception as error:  # noqa: BLE001 - the rest of the product will say
            faults.tell(error, "a request was not answered at once")
            return None

    def _answer(self, environ: WSGIEnvironment) -> tuple[int, Headers, bytes]:
        said: list[Any] = []
        start_response: Any = lambda *words: said.extend(words)  # noqa: E731
        parts = self.application(environ, start_response)
        try:
            content = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = said
        return int(status[:3]), headers, content


def _glimpse(scope: Scope) -> WSGIEnvironment | None:
    """Return a part of `environ_of`; None where that reads more of it than is said here."""
    environ = {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path,
        "QUERY_STRING": scope.query_string,
        "wsgi.url_scheme": scope.scheme,
    }
    for header, name in GLIMPSED:
        said = scope.headers.get_all(header)  # type: ignore[attr-defined] # it is new
        if len(said) > 1:
            return None
        if said:
            environ[name] = said[0]
    return environ if scope.http_version == "2" or _names_host(environ) else None


def environ_of(scope: Scope) -> WSGIEnvironment:
    """Return what PEP 3333 says of a request, without its body."""
    address, _, port = scope.server.rpartition(":")
    environ = SAME | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": address,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
    }
    for name, value in scope.headers.items():
        key = _key(name)
        before = environ.get(key)
        environ[key] = value if before is None else _joined(key, before, value)
    if scope.authority:  # HTTP/2 says so instead of Host
        environ[HOST] = scope.authority
    return environ


def _joined(key: str, before: str, value: str) -> str:
    return f"{before}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"


@lru_cache(1000)
def _key(header: str) -> str:
    """An underscore is no hyphen: who may not send one header cannot send it so."""
    name = header.replace("_", " ").replace("-", "_").upper()
    is_bare = name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    return name if is_bare else f"HTTP_{name}"


def _fault(environ: WSGIEnvironment) -> int:
    """Return with what to refuse a message that is none: 0 for one that is."""
    is_old = environ["SERVER_PROTOCOL"] == "HTTP/1"
    if not _names_host(environ) and not (is_old and HOST not in environ):
        return 400  # RFC 9112 §3.2
    is_known = environ.get(ENCODING, "chunked").lower() == "chunked"
    if not is_known or environ["REQUEST_METHOD"] not in METHODS:
        return 501  # RFC 9112 §6.1, RFC 9110 §9.1
    return 0


def _names_host(environ: WSGIEnvironment) -> bool:
    return AUTHORITY.fullmatch(environ.get(HOST, "")) is not None


def _most_empty(environ: WSGIEnvironment) -> int:
    """Return how many empty parts may follow each other in a body that is whole.

    Granian ends a body with one, and what breaks off with more, of HTTP/2 without end.
    It makes such parts of trailers and of empty frames, too.
    """
    is_framed = environ["SERVER_PROTOCOL"] == "HTTP/2"
    return 8 if is_framed or TRAILER in environ else 1


async def _body(protocol: HTTPProtocol, most_empty: int) -> bytes | None:
    """Return it whole, or None; of one that is too large as much as shows that."""
    body, empty = bytearray(), 0
    async for part in protocol:
        body += part
        empty = 0 if part else empty + 1
        if empty > most_empty:
            return None
        if len(body) > LARGEST_BODY:
            break
    return bytes(body)


door = Door(
    wsgi.application,
    import_string("scim.frequent.reads.answer"),
    import_string("scim.course.is_awaited"),
    import_string("scim.frequent.writes.answered"),
)
