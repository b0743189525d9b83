"""Nobody waits for somebody else's body, nor for what somebody else asked."""

from __future__ import annotations

import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from chatwork_admin.web.threshold import LARGEST
from tests.processes import within
from tests.web.asking import ANNOUNCED, HOST, received, told
from tests.web.echo import LARGE, MOST

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
    asked(port, "/hold")
    with ThreadPoolExecutor(6) as pool:
        mine = [pool.submit(asked, port, "/held", "me") for _ in range(6)]
        try:
            assert within(30, lambda: asked(port, "/holding") == 2)
            assert asked(port, "/", "other")["size"] == 0
            assert asked(port, "/")["size"] == 0
            assert asked(port, "/scim/v2/other", "me")["size"] == 0
            assert httpx.post(f"http://{HOST}:{port}/written", timeout=60).is_success
            assert not any(each.done() for each in mine)
        finally:
            asked(port, "/release")

    assert {each.result()["echo.held"] for each in mine} <= {"1", "2"}


def connected(port: int, path: str, size: int = 0) -> socket.socket:
    """A connection by which one caller has asked for something, and sent a body."""
    connection = socket.create_connection((HOST, port), timeout=60)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: many\r\nContent-Length: {size}\r\n\r\n"
    connection.sendall(head.encode() + b"x" * size)
    return connection


def refused(port: int, path: str, size: int = 0) -> bytes:
    """What is answered while nobody has a turn; nothing to who waits, and leaves."""
    with connected(port, path, size) as connection:
        connection.settimeout(0.5)
        try:
            return connection.recv(65536)
        except TimeoutError:
            return b""


@pytest.mark.parametrize("place", ["", "/scim/v2"])
def test_who_has_too_much_waiting_is_told_and_nothing_is_done_for_who_left(
    port: int, place: str
) -> None:
    asked(port, "/hold")
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected(port, f"{place}/held")) for _ in range(2)]
        try:
            assert within(30, lambda: asked(port, "/holding") == 2)
            waiting = [connected(port, f"{place}/left") for _ in range(MOST)]
            assert within(30, lambda: bool(refused(port, f"{place}/over")))
            answer = refused(port, f"{place}/over").decode()
            for each in waiting[: LARGE - 1]:
                each.close()
            assert within(30, lambda: not refused(port, f"{place}/over"))
            assert refused(port, f"{place}/large", LARGEST)
            for each in waiting:
                each.close()
            assert within(30, lambda: not refused(port, f"{place}/large", LARGEST))
        finally:
            asked(port, "/release")
        last = stack.enter_context(connected(port, f"{place}/last"))
        told = [received(each)["begun"] for each in [*held, last]][-1]

    assert answer.startswith("HTTP/1.1 429 ")
    assert "\r\nretry-after: 1\r\n" in answer.lower()
    assert ('"detail":"CW-RATE-1: ' in answer) == bool(place)
    assert told[f"{place}/last"] == 1
    assert {f"{place}/{name}" for name in ("left", "over", "large")}.isdisjoint(told)


def test_who_goes_away_before_the_end_harms_nobody(port: int) -> None:
    for _ in range(20):
        with socket.create_connection((HOST, port)) as connection:
            connection.sendall(ANNOUNCED)

    assert httpx.get(f"http://{HOST}:{port}/").json()["problem"] == ""
