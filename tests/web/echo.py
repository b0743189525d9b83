"""A web server that tells what came in by the product's door."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.exceptions import RequestDataTooBig
from granian.constants import Interfaces, Loops
from granian.server import Server

from chatwork_admin.web.door import Door, Headers
from chatwork_admin.web.door import door as real
from chatwork_admin.web.threshold import LARGEST
from chatwork_admin.web.turns import Caller

PATIENCE = 5.0  # seconds
SLOWNESS = 3.0
LITTLE = 1000  # bytes


def tell(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if environ["PATH_INFO"].endswith("/slow"):
        time.sleep(SLOWNESS)
    try:
        body, problem = environ["wsgi.input"].read(), ""
    except (OSError, RequestDataTooBig) as error:
        body, problem = b"", str(error)
    start_response("200 OK", [("Content-Type", "application/json")])
    said = {name: said for name, said in environ.items() if isinstance(said, str)}
    yield json.dumps(said | {"size": len(body), "problem": problem}).encode()


def look(environ: WSGIEnvironment) -> None:
    """Answer nothing at once; note what there was to see."""
    if environ["QUERY_STRING"] == "fail":
        raise LookupError
    environ["echo.seen"] = environ.get("HTTP_AUTHORIZATION", "")


def allowed(environ: WSGIEnvironment) -> int:
    return {"/unwanted": 0, "/little": LITTLE}.get(environ["PATH_INFO"], LARGEST)


async def write(environ: WSGIEnvironment) -> tuple[int, Headers, str] | None:
    """Write what is sent to /written, which takes its time."""
    if environ["PATH_INFO"] != "/written":
        return None
    await asyncio.sleep(SLOWNESS)
    said = environ["wsgi.input"].read().decode()
    return 201, [("X-Some", "1")], json.dumps({"written": said})


def caller(environ: WSGIEnvironment) -> Caller:
    """Whoever he says he is."""
    return Caller(
        environ.get("HTTP_COOKIE", ""), environ["PATH_INFO"] == "/scim/v2/slow"
    )


door = Door(tell, look, real.refusal, allowed, write, caller)
door.patience = PATIENCE


if __name__ == "__main__":
    Server(
        "tests.web.echo:door",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        websockets=False,
    ).serve()
