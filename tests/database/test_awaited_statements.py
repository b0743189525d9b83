"""Statements that an event loop awaits: several at a time, each as if it were alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection

from chatwork_admin.database.awaited import Awaited
from chatwork_admin.database.statements import fetch_all

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 0.8  # a busy machine adds less than two of them
WAITING = f"SELECT %s::integer, pg_sleep({SECONDS})::text"


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


async def all_of(awaited: Awaited, numbers: range) -> list[int]:
    found = await asyncio.gather(*(awaited.rows(WAITING, [n]) for n in numbers))
    return [rows[0][0] for rows in found]


def test_several_are_on_their_way_at_a_time() -> None:
    began = time.monotonic()

    assert run(4, lambda awaited: all_of(awaited, range(4))) == [0, 1, 2, 3]

    assert time.monotonic() - began < 4 * SECONDS


def test_whoever_finds_no_connection_free_waits_for_one() -> None:
    began = time.monotonic()

    assert run(1, lambda awaited: all_of(awaited, range(3))) == [0, 1, 2]

    assert time.monotonic() - began >= 3 * SECONDS


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
