"""Where requests come in: whole, one at a time, and late ones not at all.

Granian hands them over on an event loop (RSGI). Bodies are awaited there, so that a
client that is slow, or only says that it will send, keeps nobody waiting. What is
asked most is answered there, too, and the commonest writes are awaited, so that some are
on their way to the disk together. All else is an ordinary WSGI application in threads.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol
from wsgiref.types import WSGIApplication, WSGIEnvironment

from django.utils.module_loading import import_string
from granian.rsgi import (  # type: ignore[attr-defined] # public under these names
    HTTPProtocol,
    Scope,
)

from chatwork_admin import faults, wsgi
from chatwork_admin.web import bodies, threshold
from chatwork_admin.web.environ import environ_of, glimpse
from chatwork_admin.web.turns import Caller, Left, TooManyWaiting, Turns

LOOKING = 3.0  # seconds between two looks for who watches
THREADS = 6  # of clients, and of people; each has a connection to PostgreSQL, once it has been needed
WEIGHED = 64 * 1024  # bytes of a body that count as much as a request while they wait
Headers = list[tuple[str, str]]
Shortcut = Callable[[WSGIEnvironment], tuple[Headers, str] | None]
Answer = tuple[int, Headers, bytes]
Writes = Callable[[WSGIEnvironment], Awaitable[tuple[int, Headers, str] | None]]


class Threshold(Protocol):
    """What is decided of a request before it begins: see `threshold`."""

    def is_sound(self, environ: WSGIEnvironment) -> bool: ...
    def refusal(self, environ: WSGIEnvironment) -> Answer | None: ...
    def allowed(self, environ: WSGIEnvironment) -> int: ...
    def caller(self, environ: WSGIEnvironment) -> Caller: ...
    def too_many(self, environ: WSGIEnvironment) -> Answer: ...


# Django warns of waiting for a database on an event loop, for others wait meanwhile.
# Here they are meant to.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


class Door:
    """An RSGI application that asks a WSGI application, `shortcut` and `writes` before it.

    `shortcut` sees the little of a request that `glimpse` gives, and answers with headers
    and text what it can: the rest of a request costs as much as to find a user. `writes`
    sees the whole. Whoever goes away before it is his turn has nothing done.
    """

    patience = 30.0  # seconds for a whole body

    def __init__(
        self,
        application: WSGIApplication,
        shortcut: Shortcut,
        threshold: Threshold,
        writes: Writes,
    ) -> None:
        self.application, self.shortcut = application, shortcut
        self.threshold, self.writes = threshold, writes
        self.turns = Turns(THREADS)
        self.context = copy_context()  # Django keeps the event loop's connection in it

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._stay(loop, os.getppid())

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        seen = glimpse(scope)
        found = self.context.run(self._at_once, seen) if seen else None
        if found is not None:
            protocol.response_str(200, *found)
            return
        environ = (seen or {}) | environ_of(scope)
        if refusal := self.threshold.refusal(environ):
            protocol.response_bytes(*refusal)
            return
        if bodies.is_sent(environ):
            most = self.context.run(self.threshold.allowed, environ)
            if most:
                await bodies.take(environ, protocol, most, self.patience)
        written = await self.writes(environ)
        if written is not None:
            protocol.response_str(*written)
            return
        with suppress(Left):
            protocol.response_bytes(*await self._in_turn(environ, protocol))

    def _stay(self, loop: asyncio.AbstractEventLoop, parent: int) -> None:
        """Serve while somebody watches; whoever takes his place has his number."""
        if os.getppid() == parent:
            loop.call_later(LOOKING, self._stay, loop, parent)
        else:
            signal.raise_signal(signal.SIGTERM)

    def _at_once(self, environ: WSGIEnvironment) -> tuple[Headers, str] | None:
        try:
            return self.shortcut(environ) if self.threshold.is_sound(environ) else None
        except Exception as error:  # noqa: BLE001 - the rest of the product will say
            faults.tell(error, "a request was not answered at once")
            return None

    async def _in_turn(
        self, environ: WSGIEnvironment, protocol: HTTPProtocol
    ) -> Answer:
        caller = self.threshold.caller(environ)
        work, leaving = partial(self._answer, environ), protocol.client_disconnect
        weight = 1 + environ["wsgi.input"].getbuffer().nbytes // WEIGHED
        try:
            return await self.turns.take(caller, work, leaving, weight)
        except TooManyWaiting:
            return self.threshold.too_many(environ)

    def _answer(self, environ: WSGIEnvironment) -> Answer:
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


door = Door(
    wsgi.application,
    import_string("scim.frequent.reads.answer"),
    threshold,
    import_string("scim.frequent.writes.answered"),
)
