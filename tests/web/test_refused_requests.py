"""What is no request of HTTP, or too large, is refused at the door."""

from __future__ import annotations

import json
from email.message import Message

import pytest

from chatwork_admin.reference_numbers import is_reference
from scim.limits import MAX_CONTENT_TYPE, MAX_HEADERS
from tests.web.asking import refusal, told

pytestmark = pytest.mark.processes

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


@pytest.mark.parametrize("target", [b"%s", b"http://evil.example%s"])
def test_of_scim_only_hosts_that_are_allowed_will_do(port: int, target: bytes) -> None:
    """Elsewhere Django says so."""
    head = b"GET %s HTTP/1.1\r\nHost: %s\r\n\r\n"
    host = b"localhost" if b"evil" in target else b"evil.example:443"

    for path in (b"/scim/v2/Users", b"/scim/v2/Users?glimpse"):
        answer = refusal(port, head % (target % path, host))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"The address names another host" in answer
    for path in (b"/healthz", b"/scimitar"):
        assert told(port, head % (target % path, host))["HTTP_HOST"]


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


LONG = b"GET %%s HTTP/1.1\r\nHost: localhost\r\n%s: a%s\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GET %s HTTP/1.1\r\n\r\n", 400, "CW-REQ-2"),
        (b"PROPFIND %s HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, "CW-REQ-3"),
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
