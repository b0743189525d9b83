"""Real connections to real servers; only the name server and the cable are the test's."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from saml_sso.identity_providers.metadata_document import LARGEST_DOCUMENT
from saml_sso.remote_metadata.addresses import AddressReason
from saml_sso.remote_metadata.fetching import FetchReason, NotFetched, fetch
from saml_sso.remote_metadata.networks import Network
from tests.saml_sso.tls_servers import (
    PUBLIC,
    Behaviour,
    Server,
    answer,
    authority,
    serve,
)

HOST = "login.microsoftonline.com"
URL = f"https://{HOST}/tenant/federationmetadata.xml?appid=1"
Serving = Callable[[Behaviour], AbstractContextManager[Server]]


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    return lambda behaviour: serve(authority().serving(HOST, tmp_path), behaviour)


def refusal(url: str, network: Network, *, seconds: float = 20) -> NotFetched:
    with pytest.raises(NotFetched) as refused:
        fetch(url, network=network, seconds=seconds)
    return refused.value


def test_what_the_server_answers_comes_back_to_the_byte(serving: Serving) -> None:
    body = b"\xef\xbb\xbf<x/>" + bytes(range(256))

    with serving(answer(body)) as server:
        network, called = server.network()
        assert fetch(URL, network=network) == body

    assert called == [PUBLIC]


def test_the_request_carries_the_name_and_no_credential(serving: Serving) -> None:
    with serving(answer(b"x")) as server:
        network, _ = server.network()
        fetch(URL, network=network)

    [head] = server.requests
    lines = head.decode().split("\r\n")
    assert lines[0] == "GET /tenant/federationmetadata.xml?appid=1 HTTP/1.1"
    assert f"Host: {HOST}" in lines
    assert not {"cookie", "authorization"} & {
        line.partition(":")[0].lower() for line in lines
    }


@pytest.mark.parametrize("kind", ["", "text/plain", "text/html", "application/xml"])
def test_the_claimed_type_does_not_matter(serving: Serving, kind: str) -> None:
    with serving(answer(b"<x/>", headers=f"Content-Type: {kind}\r\n")) as server:
        network, _ = server.network()
        assert fetch(URL, network=network) == b"<x/>"


def test_an_answer_in_chunks_is_put_together(serving: Serving) -> None:
    def in_chunks(connection: ssl.SSLSocket) -> None:
        head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(f"{head}2\r\n<x\r\n2\r\n/>\r\n0\r\n\r\n".encode())

    with serving(in_chunks) as server:
        network, _ = server.network()
        assert fetch(URL, network=network) == b"<x/>"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["172.16.3.4"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["255.255.255.255"],
        ["192.0.2.1"],
        ["::1"],
        ["::"],
        ["fe80::1%1"],
        ["fc00::1"],
        ["ff02::1"],
        ["::ffff:127.0.0.1"],
        ["::ffff:8.8.8.8"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["2001:0:53aa:64c:0:0:80ff:fffe"],
        [PUBLIC, "127.0.0.1"],
        ["2606:4700::1111", "::1"],
        [],
    ],
)
def test_a_name_that_leads_to_any_address_inside_is_not_called_at_all(
    serving: Serving, addresses: list[str]
) -> None:
    with serving(answer(b"secret")) as server:
        network, called = server.network(addresses)
        assert refusal(URL, network).reason == FetchReason.NOT_PUBLIC

    assert called == []
    assert server.requests == []


def test_a_name_that_changes_its_mind_is_asked_once_only(serving: Serving) -> None:
    with serving(answer(b"x")) as server:
        network, called = server.network([PUBLIC], ["127.0.0.1"])
        fetch(URL, network=network)

        assert called == [PUBLIC]
        assert refusal(URL, network).reason == FetchReason.NOT_PUBLIC
        assert called == [PUBLIC]


def test_the_next_address_is_called_when_one_does_not_answer(serving: Serving) -> None:
    with serving(answer(b"x")) as server:
        network, called = server.network(["2606:4700::1111", "1.1.1.1", PUBLIC])

        def dial(address: str, seconds: float) -> socket.socket:
            if address == "1.1.1.1":
                raise ConnectionRefusedError
            return network.dial(address, seconds)

        fetch(URL, network=Network(network.resolve, dial, network.tls))

    assert called == [PUBLIC]  # and of the two versions, the one that all machines have


@pytest.mark.parametrize("status", ["301 x", "302 x", "303 x", "307 x", "308 x"])
def test_no_redirect_is_followed(serving: Serving, status: str) -> None:
    there = f"Location: https://{HOST}/elsewhere\r\n"

    with serving(answer(b"", status=status, headers=there)) as server:
        network, _ = server.network()
        refused = refusal(URL, network)

    assert (refused.reason, refused.status) == (FetchReason.REDIRECTED, int(status[:3]))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["404 Not Found", "500 x", "401 x", "204 x"])
def test_what_is_no_success_is_no_metadata(serving: Serving, status: str) -> None:
    with serving(answer(b"<x/>", status=status)) as server:
        network, _ = server.network()
        refused = refusal(URL, network)

    assert (refused.reason, refused.status) == (FetchReason.REFUSED, int(status[:3]))


def test_a_slow_drip_does_not_beat_the_deadline(serving: Serving) -> None:
    dripped = []

    def drip(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x")
            dripped.append(1)
            time.sleep(0.02)

    with serving(drip) as server:
        network, _ = server.network()
        assert refusal(URL, network, seconds=1).reason == FetchReason.TOO_SLOW

    assert dripped


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 "])
def test_a_slow_drip_of_headers_does_not_either(serving: Serving, head: bytes) -> None:
    def drip(connection: ssl.SSLSocket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    with serving(drip) as server:
        network, _ = server.network()
        assert refusal(URL, network, seconds=1).reason == FetchReason.TOO_SLOW


def test_a_server_that_says_nothing_is_too_slow(serving: Serving) -> None:
    def wait(connection: ssl.SSLSocket) -> None:
        connection.recv(1)  # until the client hangs up

    with serving(wait) as server:
        network, _ = server.network()
        assert refusal(URL, network, seconds=0.5).reason == FetchReason.TOO_SLOW


def test_a_server_that_never_shakes_hands_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        network, _ = Server(listening.getsockname()[1]).network()
        assert refusal(URL, network, seconds=0.5).reason == FetchReason.TOO_SLOW


def test_a_name_server_that_never_answers_is_left_behind() -> None:
    def resolve(_: str) -> list[str]:
        time.sleep(2)
        return [PUBLIC]

    assert refusal(URL, Network(resolve), seconds=0.2).reason == FetchReason.TOO_SLOW


def test_a_name_that_nobody_knows_is_told() -> None:
    def resolve(_: str) -> list[str]:
        raise socket.gaierror

    assert refusal(URL, Network(resolve)).reason == FetchReason.NAME_UNKNOWN


def test_a_server_that_cannot_be_reached_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    network, called = Server(port).network([PUBLIC, "1.1.1.1"])

    assert refusal(URL, network).reason == FetchReason.UNREACHABLE
    assert called == [PUBLIC, "1.1.1.1"]


def test_an_endless_answer_is_read_no_further_than_the_limit(serving: Serving) -> None:
    sent: list[int] = []

    def endless(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    with serving(endless) as server:
        network, _ = server.network()
        assert refusal(URL, network).reason == FetchReason.TOO_LARGE

    assert sum(sent) < 16 * LARGEST_DOCUMENT  # the rest fills the buffers of sockets


def test_exactly_512_kilobytes_are_taken_and_not_a_byte_more(serving: Serving) -> None:
    with serving(answer(b"x" * LARGEST_DOCUMENT)) as server:
        network, _ = server.network()
        assert len(fetch(URL, network=network)) == LARGEST_DOCUMENT

    with serving(answer(b"x" * (LARGEST_DOCUMENT + 1))) as server:
        network, _ = server.network()
        assert refusal(URL, network).reason == FetchReason.TOO_LARGE


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b",
    ],
)
def test_what_is_not_plain_http_to_its_end_is_a_broken_answer(
    serving: Serving, sent: bytes
) -> None:
    with serving(lambda connection: connection.sendall(sent)) as server:
        network, _ = server.network()
        assert refusal(URL, network).reason == FetchReason.BROKEN_ANSWER


def test_a_server_with_the_name_of_another_is_not_trusted(tmp_path: Path) -> None:
    context = authority().serving("evil.test", tmp_path)

    with serve(context, answer(b"x")) as server:
        network, _ = server.network()
        assert refusal(URL, network).reason == FetchReason.CERTIFICATE_NOT_TRUSTED

    assert server.requests == []  # we said nothing to it


def test_a_certificate_for_the_address_instead_of_the_name_is_not_trusted(
    tmp_path: Path,
) -> None:
    with serve(authority().serving(PUBLIC, tmp_path), answer(b"x")) as server:
        network, _ = server.network()
        assert refusal(URL, network).reason == FetchReason.CERTIFICATE_NOT_TRUSTED


def test_a_certificate_of_an_unknown_authority_is_not_trusted(serving: Serving) -> None:
    with serving(answer(b"x")) as server:
        network, _ = server.network(trusting=ssl.create_default_context)
        assert refusal(URL, network).reason == FetchReason.CERTIFICATE_NOT_TRUSTED


def test_an_expired_certificate_is_not_trusted(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    context = authority().serving(
        HOST,
        tmp_path,
        not_before=now - dt.timedelta(days=2),
        not_after=now - dt.timedelta(days=1),
    )
    with serve(context, answer(b"x")) as server:
        network, _ = server.network()
        assert refusal(URL, network).reason == FetchReason.CERTIFICATE_NOT_TRUSTED


def test_an_address_that_is_not_listed_is_never_resolved() -> None:
    def resolve(_: str) -> list[str]:
        raise AssertionError

    refused = refusal("https://evil.test/x", Network(resolve))
    assert refused.reason == AddressReason.HOST_NOT_LISTED


def test_a_listed_host_is_fetched_from(tmp_path: Path) -> None:
    context = authority().serving("idp.example.jp", tmp_path)

    with serve(context, answer(b"<x/>")) as server:
        network, _ = server.network()
        found = fetch(
            "https://idp.example.jp", more_hosts=["idp.example.jp"], network=network
        )

    assert found == b"<x/>"
    assert server.requests[0].startswith(b"GET / HTTP/1.1\r\n")
