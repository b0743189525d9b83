"""Bodies of requests: each comes whole, or a sign that it did not."""

from __future__ import annotations

import asyncio
from io import BytesIO
from wsgiref.types import WSGIEnvironment

from django.core.exceptions import RequestDataTooBig
from granian.rsgi import (  # type: ignore[attr-defined] # public under these names
    HTTPProtocol,
    ProtocolClosed,
    ProtocolError,
)

from chatwork_admin.web.environ import ENCODING

LENGTH, TRAILER = "CONTENT_LENGTH", "HTTP_TRAILER"


class Broken(BytesIO):
    """A body that did not come whole: Django makes UnreadablePostError of it."""

    def read(self, _: int | None = -1) -> bytes:
        raise OSError("The body did not arrive whole.")


class TooLarge(BytesIO):
    """A body that is larger than whoever sends it may send."""

    def read(self, _: int | None = -1) -> bytes:
        raise RequestDataTooBig("The body is too large.")


def is_sent(environ: WSGIEnvironment) -> bool:
    framed = environ["SERVER_PROTOCOL"] == "HTTP/2"
    return framed or LENGTH in environ or ENCODING in environ


async def take(
    environ: WSGIEnvironment, protocol: HTTPProtocol, most: int, patience: float
) -> None:
    """Put the body into the environ; of one that is too large, or breaks off, a sign."""
    announced = environ.get(LENGTH)
    if announced is not None and int(announced) > most:
        environ["wsgi.input"] = TooLarge()
        return
    try:
        async with asyncio.timeout(patience):
            body = await _whole(protocol, most, _most_empty(environ))
    except (TimeoutError, ProtocolClosed, ProtocolError):
        body = None
    if body is None or announced not in {None, str(len(body))}:
        environ.setdefault(LENGTH, str(most))  # nobody reads more than is announced
        environ["wsgi.input"] = Broken()
        return
    environ.pop(ENCODING, None)
    environ[LENGTH] = str(len(body))
    environ["wsgi.input"] = BytesIO(body) if len(body) <= most else TooLarge()


def _most_empty(environ: WSGIEnvironment) -> int:
    """Return how many empty parts may follow each other in a body that is whole.

    Granian ends a body with one, and what breaks off with more, of HTTP/2 without end.
    It makes such parts of trailers and of empty frames, too.
    """
    is_framed = environ["SERVER_PROTOCOL"] == "HTTP/2"
    return 8 if is_framed or TRAILER in environ else 1


async def _whole(protocol: HTTPProtocol, most: int, most_empty: int) -> bytes | None:
    """Return it, or None; of one that is too large as much as shows that."""
    body, empty = bytearray(), 0
    async for part in protocol:
        body += part
        empty = 0 if part else empty + 1
        if empty > most_empty:
            return None
        if len(body) > most:
            break
    return bytes(body)
