"""Whether a server does an operation at all, tried once before it is measured."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.bench.operations import COUNT, CREATE, CURSOR, MATCH, PAGE, Operation
from tests.bench.organizations import GROUPS
from tests.bench.servers import ANSWER_SECONDS, Server, ask

NOT_OFFERED = "not offered"


class Unsupported(Exception):
    """What the server answered instead of doing it."""


@dataclass(frozen=True, slots=True)
class Job:
    """An operation in the words of one server, ready to be sent."""

    server: Server
    operation: Operation


def prepare(server: Server, operation: Operation) -> Job:
    """Return what to send; it has worked once. Raises Unsupported."""
    said = server.replaced.get(operation.name, operation)
    half = server.people.size // 2
    try:
        if operation is CURSOR:
            said = said.at(cursor=_cursor(server, half))
        said = said.at(half=half + 1)
        _try(server, said)
    except (OSError, http.client.HTTPException) as error:
        raise Unsupported(repr(error)) from error
    return Job(server, said)


def _try(server: Server, said: Operation) -> None:
    people = server.people
    member = f'{{"value":"{people.user_id % 1}"}}'
    once = said.at(
        id=people.user_id % 1,
        name=people.user_name % 1,
        fresh=f"fresh-trial-{time.time_ns()}",
        serial=str(time.time_ns()),
        flip="true",
        group=people.group_id % GROUPS,
        verb="add",
        members=member,
        added=f',"value":[{member}]',
    )
    found = _asked(server, once)
    if said.name in {MATCH.name, PAGE.name, CURSOR.name}:
        wanted = 1 if said.name == MATCH.name else min(COUNT, people.size // 2)
        if len(found.get("Resources", [])) != wanted:
            raise Unsupported(f"{said.name} returned other resources than asked for")
    if said.name == CREATE.name and not found.get("id"):
        raise Unsupported("create returned no id")


def _cursor(server: Server, depth: int) -> str:
    """Turn pages (RFC 9865) until so many users lie behind; return the next cursor."""
    cursor = ""
    for _ in range(max(depth // COUNT, 1)):
        turn = Operation("turn", "GET", f"/Users?cursor={cursor}&count={COUNT}")
        try:
            found = _asked(server, turn)
        except Unsupported as answer:
            raise Unsupported(NOT_OFFERED) from answer
        if not found.get("nextCursor"):
            raise Unsupported(NOT_OFFERED)
        cursor = quote(str(found["nextCursor"]), safe="")
    return cursor


def _asked(server: Server, operation: Operation) -> dict[str, Any]:
    status, body = ask(
        server, operation.method, operation.path, operation.body, ANSWER_SECONDS
    )
    if not 200 <= status < 300:
        raise Unsupported(f"HTTP {status}")
    found = json.loads(body) if body else {}
    return found if isinstance(found, dict) else {}
