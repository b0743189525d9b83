"""Nobody waits for somebody else's body, nor for what somebody else asked."""

from __future__ import annotations

import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.processes import within
from tests.web.asking import ANNOUNCED, HOST, received, told

pytestmark = pytest.mark.processes


def test_nobody_waits_for_bodies_of_others_nor_long(port: int) -> None:
    with contextlib.ExitStack() as stack:
        late = [
            stack.enter_context(socket.create_connection((HOST, port), timeout=20))
            for _ in range(50)
        ]
        for each in late:
            each.sendall(ANNOUNCED)
        httpx.get(f"http://{HOST}:{port}/", timeout=20)
        late[0].sendall(b"whole")

        assert received(late[0])["size"] == 5
        for each in late[1:]:
            assert received(each)["problem"] == "The body did not arrive whole."


def test_what_is_written_is_answered_at_once_and_nobody_waits_for_it(port: int) -> None:
    """Four writes and a read on one process: the writes wait for each other."""
    address = f"http://{HOST}:{port}/written?together=4"

    def write(number: int) -> httpx.Response:
        return httpx.post(address, content=f"{number}", timeout=60)

    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(write, number) for number in range(3)]
        assert told(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")["size"] == 0
        assert not any(each.done() for each in sent)
        sent.append(pool.submit(write, 3))
        answers = [each.result() for each in sent]

    assert {each.status_code for each in answers} == {201}
    assert [each.json() for each in answers] == [{"written": f"{n}"} for n in range(4)]
    assert answers[0].headers["X-Some"] == "1"


def asked(port: int, path: str, session: str = "") -> Any:
    """What is answered to a caller."""
    address, cookie = f"http://{HOST}:{port}{path}", f"session={session}"
    return httpx.get(address, headers={"Cookie": cookie}, timeout=60).json()


def test_nobody_waits_for_what_another_caller_asked(port: int) -> None:
    """Whoever waits for himself takes nobody's turn but his own, two at a time."""
    with ThreadPoolExecutor(6) as pool:
        mine = [pool.submit(asked, port, "/held", "me") for _ in range(6)]
        try:
            assert within(30, lambda: asked(port, "/holding") == 2)
            assert asked(port, "/", "other")["size"] == 0
            assert asked(port, "/")["size"] == 0
            assert asked(port, "/scim/v2/held?no", "me")["size"] == 0
            assert httpx.post(f"http://{HOST}:{port}/written", timeout=60).is_success
            assert not any(each.done() for each in mine)
        finally:
            asked(port, "/release")

    assert {each.result()["echo.held"] for each in mine} <= {"1", "2"}


def test_who_goes_away_before_the_end_harms_nobody(port: int) -> None:
    for _ in range(20):
        with socket.create_connection((HOST, port)) as connection:
            connection.sendall(ANNOUNCED)

    assert httpx.get(f"http://{HOST}:{port}/").json()["problem"] == ""
