"""Statements that an event loop awaits: several at a time, each as if it were alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection

from chatwork_admin.database.awaited import Awaited
from chatwork_admin.database.statements import fetch_all
from tests.processes import within

pytestmark = pytest.mark.django_db(transaction=True)
KEY = 4711  # of a lock of the application's (PostgreSQL, §13.3.5)
LOCKED = """
    WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(%s)::text)
    SELECT pg_backend_pid() FROM locked
"""
WAITING = "SELECT %s::integer, pg_sleep(0.8)::text"


@pytest.fixture(autouse=True)
def by_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """It lets Django wait for a connection on an event loop."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


def run(most: int, ask: Callable[[Awaited], Awaitable[Any]]) -> Any:
    async def asked() -> Any:
        awaited = Awaited(most)
        try:
            return await ask(awaited)
        finally:
            while not awaited.free.empty():
                awaited.free.get_nowait().close()

    with ThreadPoolExecutor(1) as thread:  # a browser test may have a loop in this one
        return thread.submit(asyncio.run, asked()).result()


async def processes(awaited: Awaited, statement: str, times: int) -> list[int]:
    """Return which processes of PostgreSQL answer a statement asked so often at once."""
    found = await asyncio.gather(
        *(awaited.rows(statement, [KEY]) for _ in range(times))
    )
    return [rows[0][0] for rows in found]


def test_several_are_on_their_way_at_a_time() -> None:
    """Each waits for the same lock, which nobody gives back before all wait."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [KEY])
        with ThreadPoolExecutor(1) as thread:
            asked = thread.submit(run, 4, lambda awaited: processes(awaited, LOCKED, 4))
            try:
                assert within(30, lambda: _waiting(other) == 4)
            finally:
                other.execute("SELECT pg_advisory_unlock(%s)", [KEY])

    assert len(set(asked.result())) == 4


def test_whoever_finds_no_connection_free_waits_for_one() -> None:
    mine = "SELECT pg_backend_pid(), %s::integer"

    assert len(set(run(1, lambda awaited: processes(awaited, mine, 3)))) == 1


def _waiting(other: psycopg.Connection[Any]) -> int:
    """Return how many wait for the lock."""
    waiting = "SELECT count(*) FROM pg_locks WHERE objid = %s AND NOT granted"
    ((number,),) = other.execute(waiting, [KEY]).fetchall()
    return int(number)


def test_each_has_been_committed_when_it_is_over() -> None:
    say = "INSERT INTO django_session VALUES (%s::text, '', now())"

    run(1, lambda awaited: awaited.rows(say, ["x"]))

    assert fetch_all("SELECT session_key FROM django_session", []) == [("x",)]


def test_a_large_statement_arrives_whole() -> None:
    text = "山" * 1_000_000

    assert run(1, lambda awaited: awaited.rows("SELECT %s::text", [text])) == [(text,)]


def test_an_error_is_djangos_and_harms_nobody_after_it() -> None:
    async def ask(awaited: Awaited) -> Any:
        with pytest.raises(DatabaseError):
            await awaited.rows("SELECT 1 / %s::integer", [0])
        before = await awaited.rows("SELECT pg_backend_pid()", [])
        with pytest.raises(DatabaseError):
            await awaited.rows("SELECT nothing", [])
        return before == await awaited.rows("SELECT pg_backend_pid()", [])

    assert run(1, ask)


def test_whoever_goes_away_leaves_his_answer_to_nobody() -> None:
    async def ask(awaited: Awaited) -> Any:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(awaited.rows(WAITING, [1]), 0.1)
        return await awaited.rows("SELECT %s::integer", [2])

    assert run(1, ask) == [(2,)]


def test_a_server_that_is_gone_is_an_error_once() -> None:
    async def ask(awaited: Awaited) -> Any:
        ((mine,),) = await awaited.rows("SELECT pg_backend_pid()", [])
        waiting = asyncio.create_task(awaited.rows(WAITING, [1]))
        await asyncio.sleep(0.1)
        _end(mine)
        with pytest.raises(OperationalError):
            await waiting
        return await awaited.rows("SELECT %s::integer", [2])

    assert run(1, ask) == [(2,)]


def _end(process: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    connection.close()
