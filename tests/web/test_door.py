"""Requests come in whole, as PEP 3333 says, and nobody waits for somebody else's body."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from typing import Any

import httpx
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes

from chatwork_admin.reference_numbers import is_reference
from chatwork_admin.web.threshold import LARGEST
from scim.limits import MAX_CONTENT_TYPE, MAX_HEADERS
from tests.bench.usage import cpu_seconds
from tests.processes import within
from tests.web.echo import LITTLE, MOST, PATIENCE, SLOWNESS

pytestmark = pytest.mark.processes

HOST = "127.0.0.1"
ANNOUNCED = b"POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        free: int = probe.getsockname()[1]
    return free


@pytest.fixture(scope="module", autouse=True)
def server(port: int) -> Iterator[int]:
    """The process that serves at the port."""
    started = subprocess.Popen([sys.executable, "-m", "tests.web.echo", str(port)])
    try:
        assert within(60, lambda: _is_open(port))
        yield started.pid
    finally:
        started.terminate()
        started.wait(20)


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
    server: int,
    is_reset: bool,  # noqa: FBT001
) -> None:
    for _ in range(5):
        connection, spoken = stream(port)
        with connection:
            assert httpx.get(f"http://{HOST}:{port}/").json()["problem"] == ""
            if is_reset:
                spoken.reset_stream(1, ErrorCodes.CANCEL)
                connection.sendall(spoken.data_to_send())
    before = cpu_seconds(server)
    time.sleep(0.5)

    assert cpu_seconds(server) - before < 0.2


def refusal(port: int, sent: bytes) -> bytes:
    with socket.create_connection((HOST, port), timeout=20) as connection:
        connection.sendall(sent)
        return connection.recv(65536)


HOSTS = [
    b"",
    b"Host: x\r\nHost: x\r\n",
    b"Host: x\r\nHost: y\r\n",
    b"Host: x y\r\n",
    b"Host: x/y\r\n",
    b"Host: \xff\r\n",
    b"Host: x:y\r\n",
    b"Host:\r\n",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("target", [b"/", b"/?glimpse"])
def test_a_request_names_one_host(port: int, host: bytes, target: bytes) -> None:
    """RFC 9112 §3.2."""
    answer = refusal(port, b"GET %s HTTP/1.1\r\n%s\r\n" % (target, host))

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "host", [b"a.example", b"a_b:8000", b"127.0.0.1:81", b"[::1]", b"[::1]:81", b"%e3"]
)
def test_whatever_names_a_host_will_do(port: int, host: bytes) -> None:
    said = told(port, b"GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % host)

    assert said["HTTP_HOST"] == host.decode()


def test_who_speaks_http_1_0_need_not_name_one(port: int) -> None:
    assert told(port, b"GET / HTTP/1.0\r\n\r\n")["SERVER_PROTOCOL"] == "HTTP/1"


@pytest.mark.parametrize("method", [b"get", b"Get", b"PROPFIND", b"X-Y"])
def test_a_method_nobody_knows_is_not_implemented(port: int, method: bytes) -> None:
    """RFC 9110 §9.1: they are case-sensitive."""
    answer = refusal(port, method + b" / HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 501 ")


def test_so_is_a_coding_nobody_knows(port: int) -> None:
    """RFC 9112 §6.1."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    answer = refusal(port, head + b"5\r\nhello\r\n0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 501 ")


LONG = b"GET %%s HTTP/1.1\r\nHost: x\r\n%s: a%s\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GET %s HTTP/1.1\r\n\r\n", 400, "CW-REQ-2"),
        (b"PROPFIND %s HTTP/1.1\r\nHost: x\r\n\r\n", 501, "CW-REQ-3"),
        (LONG % (b"Content-Type", b";" * MAX_CONTENT_TYPE), 431, "CW-REQ-3"),
        (LONG % (b"X-Some", b"x" * MAX_HEADERS), 431, "CW-REQ-3"),
    ],
    ids=["host", "method", "type", "headers"],
)
@pytest.mark.parametrize("path", [b"/scim/v2/Users", b"/sign-in/"])
def test_no_refusal_is_empty(
    port: int, sent: bytes, status: int, code: str, path: bytes
) -> None:
    """Row I4: of SCIM's addresses it is a SCIM Error, elsewhere a line of text."""
    head, _, body = refusal(port, sent % path).partition(b"\r\n\r\n")
    headers = Message()
    for line in head.decode().split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        headers[name] = value

    assert is_reference(headers["X-Request-Id"])
    assert "no-store" in headers["Cache-Control"]
    if path == b"/sign-in/":
        assert headers["Content-Type"] == "text/plain; charset=utf-8"
        assert body.decode().endswith(".")
        return
    assert headers["Content-Type"] == "application/scim+json"
    said = json.loads(body)
    assert said["status"] == str(status)
    assert said["detail"].startswith(f"{code}: ")
    assert said["detail"].endswith(headers["X-Request-Id"])


def test_a_body_that_is_not_wanted_is_not_awaited(port: int) -> None:
    announced = ANNOUNCED.replace(b"/late", b"/unwanted")

    assert told(port, announced)["size"] == 0
    expecting = announced.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    assert refusal(port, expecting).startswith(b"HTTP/1.1 200 ")


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


def test_what_is_written_is_answered_at_once_and_nobody_waits_for_it(port: int) -> None:
    """Four writes and a read on one process: all of them take as long as one."""
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        address = f"http://{HOST}:{port}/written"
        sent = [pool.submit(httpx.post, address, content=f"{n}") for n in range(4)]
        assert told(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")["size"] == 0
        assert not any(each.done() for each in sent)
        answers = [each.result() for each in sent]

    assert time.monotonic() - began < 4 * SLOWNESS
    assert {each.status_code for each in answers} == {201}
    assert [each.json() for each in answers] == [{"written": f"{n}"} for n in range(4)]
    assert answers[0].headers["X-Some"] == "1"


def slow(port: int, path: str = "/slow", session: str = "") -> float:
    """How long a request takes that takes its time."""
    began = time.monotonic()
    address = f"http://{HOST}:{port}{path}"
    httpx.get(address, headers={"Cookie": f"session={session}"}, timeout=60)
    return time.monotonic() - began


def test_nobody_waits_for_what_another_caller_asked(port: int) -> None:
    """Whoever waits for himself takes nobody's turn but his own."""
    with ThreadPoolExecutor(12) as pool:
        mine = [pool.submit(slow, port, session="me") for _ in range(6)]
        time.sleep(0.5)
        others = [
            pool.submit(slow, port, session="other"),
            pool.submit(slow, port),
            pool.submit(slow, port, "/scim/v2/slow"),
        ]
        assert httpx.post(f"http://{HOST}:{port}/written", timeout=60).is_success
        assert max(each.result() for each in others) < 2 * SLOWNESS

    assert max(each.result() for each in mine) > 2.5 * SLOWNESS  # two at a time


def asked(port: int, path: str) -> socket.socket:
    """A connection by which a caller of his own has asked for something."""
    connection = socket.create_connection((HOST, port), timeout=60)
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: session=many\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def test_who_has_too_much_waiting_is_told_and_nothing_is_done_for_who_left(
    port: int,
) -> None:
    with contextlib.ExitStack() as stack:
        begun = [stack.enter_context(asked(port, "/begun/slow")) for _ in range(2)]
        time.sleep(0.5)
        waiting = [asked(port, "/left") for _ in range(MOST)]
        time.sleep(0.5)
        with asked(port, "/over") as over, asked(port, "/scim/v2/over") as of_scim:
            answers = [each.recv(65536).decode() for each in (over, of_scim)]
        for each in waiting:
            each.close()
        time.sleep(0.5)
        last = stack.enter_context(asked(port, "/last"))
        told = [received(each)["begun"] for each in [*begun, last]][-1]

    for answer in answers:
        assert answer.startswith("HTTP/1.1 429 ")
        assert "\r\nretry-after: 1\r\n" in answer.lower()
    assert '"detail":"CW-RATE-1: ' in answers[1]
    assert {"/begun/slow": 2, "/last": 1}.items() <= told.items()
    assert {"/left", "/over", "/scim/v2/over"}.isdisjoint(told)


def test_who_goes_away_before_the_end_harms_nobody(port: int) -> None:
    for _ in range(20):
        with socket.create_connection((HOST, port)) as connection:
            connection.sendall(ANNOUNCED)

    assert httpx.get(f"http://{HOST}:{port}/").json()["problem"] == ""
