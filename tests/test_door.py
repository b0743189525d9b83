"""Requests come in whole, as PEP 3333 says, and nobody waits for somebody else's body."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from chatwork_admin.door import LARGEST_BODY
from tests.echo import PATIENCE
from tests.processes import within

pytestmark = pytest.mark.processes

HOST = "127.0.0.1"
ANNOUNCED = b"POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as probe:
        free: int = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "tests.echo", str(free)])
    try:
        assert within(60, lambda: _is_open(free))
        yield free
    finally:
        server.terminate()
        server.wait(20)


def _is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
        return True
    return False


def told(port: int, sent: bytes) -> dict[str, Any]:
    """What the application was told of a request that is sent as it stands."""
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(sent)
        return received(connection)


def received(connection: socket.socket) -> dict[str, Any]:
    answer = b""
    while not answer.endswith(b"}"):
        part = connection.recv(65536)
        assert part, answer
        answer += part
    said: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return said


def test_a_request_is_told_as_pep_3333_says(port: int) -> None:
    said = told(
        port,
        b"GET /a%2520b/%C3%A9/%FF?q=%20a&b HTTP/1.1\r\nHost: a.example:81\r\n"
        b"Content-Type: text/plain\r\nX-Some: 1\r\nX-Some: 2\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\nX_Underscored: 3\r\n\r\n",
    )

    assert said["REQUEST_METHOD"] == "GET"
    assert said["PATH_INFO"] == "/a%20b/\xc3\xa9/\xef\xbf\xbd"
    assert said["QUERY_STRING"] == "q=%20a&b"
    assert said["SCRIPT_NAME"] == ""
    assert said["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert said["SERVER_NAME"], said["SERVER_PORT"] == (HOST, str(port))
    assert said["REMOTE_ADDR"] == HOST
    assert said["HTTP_HOST"] == "a.example:81"
    assert said["CONTENT_TYPE"] == "text/plain"
    assert said["HTTP_X_SOME"] == "1,2"
    assert said["HTTP_COOKIE"] == "a=1; b=2"
    assert "HTTP_X_UNDERSCORED" not in said
    assert (said["size"], said["problem"]) == (0, "")


@pytest.mark.parametrize("size", [1, 70_000, LARGEST_BODY])
@pytest.mark.parametrize("version", [1, 2])
def test_a_body_comes_whole_however_it_is_sent(
    port: int, size: int, version: int
) -> None:
    with httpx.Client(http1=version == 1, http2=version == 2) as client:
        for content in (b"x" * size, iter([b"x" * size])):  # by its length, or without
            said = client.post(f"http://{HOST}:{port}/", content=content).json()

            assert (said["size"], said["CONTENT_LENGTH"]) == (size, str(size))
            assert "HTTP_TRANSFER_ENCODING" not in said


def test_a_body_that_is_announced_too_large_is_not_awaited(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    said = told(port, head % (LARGEST_BODY + 1))

    assert (said["size"], said["CONTENT_LENGTH"]) == (0, str(LARGEST_BODY + 1))


def test_one_that_turns_out_too_large_is_read_until_then(port: int) -> None:
    parts = iter([b"x" * 100_000] * 20)
    said = httpx.post(f"http://{HOST}:{port}/", content=parts).json()

    assert LARGEST_BODY < said["size"] < LARGEST_BODY + 200_000


def test_a_body_that_ends_early_is_none(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(ANNOUNCED + b"half")
        connection.shutdown(socket.SHUT_WR)

        assert received(connection)["problem"] == "The body did not arrive whole."


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (b"Authorization: x\r\n", True),
        (b"Authorization: x\r\nAuthorization: y\r\n", False),
        (b"Authorization: \xff\r\n", True),
        (b"X-Forwarded-Proto: \xff\r\n", True),
        (b"Upgrade: websocket\r\nConnection: Upgrade\r\n", True),
    ],
)
def test_what_is_seen_at_first_is_what_is_told(
    port: int,
    sent: bytes,
    seen: bool,  # noqa: FBT001
) -> None:
    said = told(port, b"GET /?glimpse HTTP/1.1\r\nHost: x\r\n" + sent + b"\r\n")

    assert ("echo.seen" in said) == seen
    assert said.get("echo.seen", "") in {"", said.get("HTTP_AUTHORIZATION", "")}


@pytest.mark.parametrize(
    "name", ["authorization", "if-match", "if-none-match", "x-forwarded-proto"]
)
def test_each_header_that_it_may_need_is_seen_at_first(port: int, name: str) -> None:
    twice = f"{name}: x\r\n{name}: y\r\n".encode()
    said = told(port, b"GET /?glimpse HTTP/1.1\r\nHost: x\r\n" + twice + b"\r\n")

    assert "echo.seen" not in said


def test_a_shortcut_that_fails_is_not_taken(port: int) -> None:
    assert httpx.get(f"http://{HOST}:{port}/?fail").json()["QUERY_STRING"] == "fail"


def test_nobody_waits_for_bodies_of_others_nor_long(port: int) -> None:
    with contextlib.ExitStack() as stack:
        late = [
            stack.enter_context(socket.create_connection((HOST, port), timeout=20))
            for _ in range(50)
        ]
        for each in late:
            each.sendall(ANNOUNCED)
        httpx.get(f"http://{HOST}:{port}/", timeout=PATIENCE - 1)
        late[0].sendall(b"whole")

        assert received(late[0])["size"] == 5
        for each in late[1:]:
            assert received(each)["problem"] == "The body did not arrive whole."


def test_who_goes_away_before_the_end_harms_nobody(port: int) -> None:
    for _ in range(20):
        with socket.create_connection((HOST, port)) as connection:
            connection.sendall(ANNOUNCED)

    assert httpx.get(f"http://{HOST}:{port}/").json()["problem"] == ""
