"""Many clients of the running product, all asking at the same moment."""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import httpx
import psycopg

from chatwork_admin.audit.actions import Action
from tests.processes import within
from tests.running_product.conftest import RunningProduct, connected
from tests.scim.conftest import CORE, GROUP, PATCH_OP, SCIM_JSON

SECONDS = 30.0
ROUNDS = 8  # of what may come about in several orders

Row = tuple[Any, ...]
Request = tuple[str, str, object]


@dataclass(frozen=True)
class Crowd:
    """Clients of one organization that all ask at once, and what the database then holds."""

    http: httpx.Client
    rows: psycopg.Connection[Row]
    domain: str

    def ask(self, request: Request) -> httpx.Response:
        method, path, body = request
        return self.http.request(method, path, json=body, timeout=SECONDS)

    def at_once(self, requests: Sequence[Request]) -> list[httpx.Response]:
        start = Barrier(len(requests))

        def ask(request: Request) -> httpx.Response:
            start.wait()
            return self.ask(request)

        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(ask, requests))

    def create(self, name: str, **more: object) -> str:
        answer = self.ask(creating(self.email(name), **more))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def create_group(self, name: str, *members: str) -> str:
        unique = f"{name} {self.domain}"
        body = {"schemas": [GROUP], "displayName": unique, "members": listed(members)}
        return str(self.ask(("POST", "Groups", body)).json()["id"])

    def email(self, name: str) -> str:
        return f"{name}@{self.domain}.example.jp"

    def read(self, path: str) -> dict[str, Any]:
        answer = self.ask(("GET", path, None))
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def members(self, group: str) -> set[str]:
        shown = self.read(f"Groups/{group}").get("members", [])
        return {member["value"] for member in shown}

    def value(self, query: str, *parameters: object) -> Any:
        row = self.rows.execute(query, parameters).fetchone()
        assert row is not None
        return row[0]

    def version(self, kind: str, resource_id: str) -> Any:
        query = f"SELECT version FROM organizations_{kind} WHERE id = %s"
        return self.value(query, resource_id)

    def is_locked(self, kind: str, resource_id: str) -> bool:
        """Whether somebody's transaction holds a row."""
        free = (
            f"SELECT 1 FROM organizations_{kind} WHERE id = %s FOR UPDATE SKIP LOCKED"
        )
        query = f"SELECT count(*) FROM ({free}) AS free"
        return bool(self.value(query, resource_id) == 0)

    def events(self, target: str) -> list[tuple[str, dict[str, Any]]]:
        """What came of a user or group as the audit log says, without what was refused."""
        found = self.rows.execute(
            "SELECT action, context FROM audit_auditevent"
            " WHERE target ->> 'id' = %s AND action <> %s ORDER BY id",
            [target, Action.REQUEST_REFUSED],
        )
        return [(action, context) for action, context in found]


LOCK_TIMEOUT = timedelta(seconds=3)  # of the product's connections


class Holder:
    """Somebody else's transaction, which is never the one that a deadlock ends."""

    def __init__(self, connection: psycopg.Connection[Row], crowd: Crowd) -> None:
        self.connection, self.crowd = connection, crowd
        connection.execute("SET deadlock_timeout = '30s'")
        connection.commit()

    def hold(self, kind: str, resource_id: str) -> None:
        query = f"SELECT 1 FROM organizations_{kind} WHERE id = %s FOR UPDATE"
        self.connection.execute(query, [resource_id])

    def closes_circle(self, kind: str, resource_id: str) -> bool:
        """Take a row from the request that waits for this; have a deadlock end that one.

        False if the machine is so busy that the request may have given up by itself.
        """
        within(10, self.is_waited_for)
        since = self._is_waited_for_since()
        self.hold(kind, resource_id)
        now: datetime = self.crowd.value("SELECT clock_timestamp()")
        return since is not None and now < since + LOCK_TIMEOUT

    def _is_waited_for_since(self) -> datetime | None:
        query = (
            "SELECT min(waitstart) FROM pg_locks"
            " WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid))"
        )
        pid = self.connection.info.backend_pid
        since: datetime | None = self.crowd.value(query, pid)
        return since

    def is_waited_for(self, times: int = 1) -> bool:
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE %s = ANY (pg_blocking_pids(pid))"
        )
        pid = self.connection.info.backend_pid
        return bool(self.crowd.value(query, pid) == times)


@contextlib.contextmanager
def crowd_of(
    running: RunningProduct, server: str, customer: dict[str, str]
) -> Iterator[Crowd]:
    headers = {
        "Authorization": f"Bearer {customer['scim_token']}",
        "Content-Type": SCIM_JSON,
    }
    with (
        connected(running) as rows,
        httpx.Client(base_url=server, headers=headers) as client,
    ):
        rows.autocommit = True
        yield Crowd(client, rows, uuid.uuid4().hex[:8])


def creating(user_name: str, **more: object) -> Request:
    return "POST", "Users", {"schemas": [CORE], "userName": user_name, **more}


def patching(path: str, *operations: object) -> Request:
    return "PATCH", path, {"schemas": [PATCH_OP], "Operations": operations}


def listed(members: Sequence[str]) -> list[dict[str, str]]:
    return [{"value": member} for member in members]


def adding(group: str, *members: str) -> Request:
    operation = {"op": "Add", "path": "members", "value": listed(members)}
    return patching(f"Groups/{group}", operation)


def removing(group: str, *members: str) -> Request:
    operation = {"op": "Remove", "path": "members", "value": listed(members)}
    return patching(f"Groups/{group}", operation)


def setting(path: str, name: str, value: object) -> Request:
    return patching(path, {"op": "replace", "path": name, "value": value})


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def spellings(name: str, count: int) -> list[str]:
    """The same address in so many letter cases."""
    return [
        "".join(
            letter.upper() if number >> place & 1 else letter
            for place, letter in enumerate(name)
        )
        for number in range(count)
    ]
