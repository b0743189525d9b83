"""A web server that tells what came in by the product's door."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable
from threading import Event
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import UnreadablePostError
from granian.constants import Interfaces, Loops
from granian.server import Server

from chatwork_admin.web.door import Answer, Door, Headers
from chatwork_admin.web.door import door as real
from chatwork_admin.web.threshold import LARGEST
from chatwork_admin.web.turns import Caller

PATIENCE = 5.0  # seconds
LITTLE = 1000  # bytes
MOST, LARGE = 50, 17  # wait of one caller; the largest body counts as so many
BEGUN = Counter[str]()  # by path


class Held:
    """Requests that are held until they are released, and how many there are."""

    def __init__(self) -> None:
        self.number, self.released = 0, Event()

    def wait(self) -> int:
        """Return how many were held when this one came."""
        self.number += 1
        came = self.number
        self.released.wait(60)
        self.number -= 1
        return came


held = Held()
together = asyncio.Barrier(4)


def tell(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    BEGUN[environ["PATH_INFO"]] += 1
    if environ["PATH_INFO"].endswith("/held"):
        environ["echo.held"] = str(held.wait())
    try:
        body, problem = WSGIRequest(dict(environ)).read(), ""
    except (UnreadablePostError, RequestDataTooBig) as error:
        body, problem = b"", str(error)
    start_response("200 OK", [("Content-Type", "application/json")])
    said = {name: said for name, said in environ.items() if isinstance(said, str)}
    told = said | {"size": len(body), "problem": problem, "begun": BEGUN}
    yield json.dumps(told).encode()


def look(environ: WSGIEnvironment) -> None:
    """Answer nothing at once; note what there was to see."""
    if environ["QUERY_STRING"] == "fail":
        raise LookupError
    environ["echo.seen"] = environ.get("HTTP_AUTHORIZATION", "")


async def write(environ: WSGIEnvironment) -> tuple[int, Headers, str] | None:
    """Write what is sent to /written, after three others if asked; tell of who is held."""
    if environ["PATH_INFO"] == "/release":
        held.released.set()
    if environ["PATH_INFO"] == "/hold":
        held.released.clear()
    if environ["PATH_INFO"] in {"/hold", "/holding", "/release"}:
        return 200, [], json.dumps(held.number)
    if environ["PATH_INFO"] != "/written":
        return None
    if environ["QUERY_STRING"]:
        await together.wait()
    said = environ["wsgi.input"].read().decode()
    return 201, [("X-Some", "1")], json.dumps({"written": said})


class Threshold:
    """The product's own; but everybody is whom he says he is."""

    def is_sound(self, environ: WSGIEnvironment) -> bool:
        return real.threshold.is_sound(environ)

    def refusal(self, environ: WSGIEnvironment) -> Answer | None:
        return real.threshold.refusal(environ)

    def too_many(self, environ: WSGIEnvironment) -> Answer:
        return real.threshold.too_many(environ)

    def allowed(self, environ: WSGIEnvironment) -> int:
        known = {"/unwanted": 0, "/little": LITTLE}
        return known.get(environ["PATH_INFO"], LARGEST)

    def caller(self, environ: WSGIEnvironment) -> Caller:
        is_client = environ["PATH_INFO"].startswith("/scim/v2/")
        return Caller(environ.get("HTTP_COOKIE", ""), is_client)


door = Door(tell, look, Threshold(), write)
door.patience, door.turns.most = PATIENCE, MOST


if __name__ == "__main__":
    Server(
        "tests.web.echo:door",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        websockets=False,
    ).serve()
