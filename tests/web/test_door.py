"""Requests come in whole, as PEP 3333 says."""

from __future__ import annotations

import socket

import httpx
import pytest

from chatwork_admin.web.threshold import LARGEST
from tests.web.asking import ANNOUNCED, HOST, received, refusal, told
from tests.web.echo import LITTLE

pytestmark = pytest.mark.processes


def test_a_request_is_told_as_pep_3333_says(port: int) -> None:
    said = told(
        port,
        b"GET /a%2520b/%C3%A9/%FF?q=%20a&\xe3\x81\x82 HTTP/1.1\r\nHost: a.example:81\r\n"
        b"Content-Type: text/plain\r\nX-Some: 1\r\nX-Some: 2\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\nX_Underscored: 3\r\n\r\n",
    )

    assert said["REQUEST_METHOD"] == "GET"
    assert said["PATH_INFO"] == "/a%20b/\xc3\xa9/\xef\xbf\xbd"
    assert said["QUERY_STRING"] == "q=%20a&\xe3\x81\x82"
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


@pytest.mark.parametrize("size", [1, 70_000, LARGEST])
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
    said = told(port, head % (LARGEST + 1))

    assert (said["size"], said["CONTENT_LENGTH"]) == (0, str(LARGEST + 1))


@pytest.mark.parametrize("path", ["/", "/little"])
def test_one_that_turns_out_too_large_is_not_held(port: int, path: str) -> None:
    parts = iter([b"x" * 100_000] * 20)
    said = httpx.post(f"http://{HOST}:{port}{path}", content=parts).json()

    assert (said["size"], said["problem"]) == (0, "The body is too large.")


@pytest.mark.parametrize("size", [LITTLE, LITTLE + 1])
def test_each_may_send_as_much_as_he_is_allowed(port: int, size: int) -> None:
    head = b"POST /little HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size
    said = told(port, head + b"x" * size if size == LITTLE else head)

    assert said["size"] == (LITTLE if size == LITTLE else 0)
    assert said["problem"] == ("" if size == LITTLE else "The body is too large.")


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
    said = told(port, b"GET /?glimpse HTTP/1.1\r\nHost: localhost\r\n" + sent + b"\r\n")

    assert ("echo.seen" in said) == seen
    assert said.get("echo.seen", "") in {"", said.get("HTTP_AUTHORIZATION", "")}


@pytest.mark.parametrize(
    "name", ["authorization", "if-match", "if-none-match", "x-forwarded-proto"]
)
def test_each_header_that_it_may_need_is_seen_at_first(port: int, name: str) -> None:
    twice = f"{name}: x\r\n{name}: y\r\n".encode()
    said = told(
        port, b"GET /?glimpse HTTP/1.1\r\nHost: localhost\r\n" + twice + b"\r\n"
    )

    assert "echo.seen" not in said


@pytest.mark.parametrize("query", [b"x=%ff", b"x=\xe3\x81\x82"])
def test_what_is_no_utf_8_as_it_should_be_is_looked_at_closely(
    port: int, query: bytes
) -> None:
    said = told(port, b"GET /?%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % query)

    assert "echo.seen" not in said


def test_a_shortcut_that_fails_is_not_taken(port: int) -> None:
    assert httpx.get(f"http://{HOST}:{port}/?fail").json()["QUERY_STRING"] == "fail"


def test_a_body_that_is_not_wanted_is_not_awaited(port: int) -> None:
    announced = ANNOUNCED.replace(b"/late", b"/unwanted")

    assert told(port, announced)["size"] == 0
    expecting = announced.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    assert refusal(port, expecting).startswith(b"HTTP/1.1 200 ")
