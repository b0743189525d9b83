"""Bodies whose length nobody says: by chunks (HTTP/1.1), and by frames (HTTP/2)."""

from __future__ import annotations

import socket
import time

import httpx
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes

from tests.bench.usage import cpu_seconds
from tests.processes import within
from tests.web.asking import HOST, received, told
from tests.web.echo import PATIENCE

pytestmark = pytest.mark.processes

CHUNKED = b"POST /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"


@pytest.mark.parametrize("sent", [b"", b"5\r\nhello\r\n", b"5\r\nhello\r\n0\r\n"])
def test_a_body_without_a_length_that_breaks_off_is_none(
    port: int, sent: bytes
) -> None:
    """RFC 9112 §8: it is whole once an empty chunk, and no sooner, has said so."""
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(CHUNKED + b"\r\n" + sent)
        connection.shutdown(socket.SHUT_WR)

        assert received(connection)["problem"] == "The body did not arrive whole."


def test_trailers_that_were_announced_may_come_after_a_body(port: int) -> None:
    """RFC 9110 §6.6.2 has them announced; granian shows others as it does a loss."""
    rest = b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"

    said = told(port, CHUNKED + b"Trailer: X-Sum\r\n\r\n" + rest)

    assert (said["size"], said["problem"]) == (5, "")


def stream(port: int) -> tuple[socket.socket, H2Connection]:
    """A request of HTTP/2 whose body has begun."""
    connection = socket.create_connection((HOST, port), timeout=20)
    spoken = H2Connection(H2Configuration(client_side=True))
    spoken.initiate_connection()
    said = {":method": "POST", ":path": "/", ":scheme": "http", ":authority": "x"}
    spoken.send_headers(1, list(said.items()))
    spoken.send_data(1, b"hello")
    connection.sendall(spoken.data_to_send())
    return connection, spoken


def test_a_stream_may_end_in_empty_frames_and_trailers(port: int) -> None:
    connection, spoken = stream(port)
    for _ in range(2):
        spoken.send_data(1, b"")
    spoken.send_headers(1, [("x-sum", "1")], end_stream=True)
    with connection:
        connection.sendall(spoken.data_to_send())
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(65536)

    assert b'"size": 5, "problem": ""' in answer


@pytest.mark.parametrize("is_reset", [True, False])
def test_a_stream_that_breaks_off_costs_nothing_more(
    port: int,
    server: tuple[int, int],
    is_reset: bool,  # noqa: FBT001
) -> None:
    """Its process comes to rest, long before patience would end its asking."""
    for _ in range(5):
        connection, spoken = stream(port)
        with connection:
            assert httpx.get(f"http://{HOST}:{port}/").json()["problem"] == ""
            if is_reset:
                spoken.reset_stream(1, ErrorCodes.CANCEL)
                connection.sendall(spoken.data_to_send())

    assert within(PATIENCE - 1, lambda: _rests(server[1]))


def _rests(process: int) -> bool:
    """Whether it does next to nothing for a while."""
    before = cpu_seconds(process)
    time.sleep(0.3)
    return cpu_seconds(process) - before <= 0.02
