"""Redis' protocol, spoken to the Redis of the tests, and to what is none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from scim import rate
from scim.resp import Redis, Refused, ask

COUNT = "return {redis.call('INCRBY', KEYS[1], ARGV[1]), 'text', false}"
Serve = Callable[[socket.socket], None]


@pytest.fixture
def redis() -> Iterator[Redis]:
    if not settings.CELERY_BROKER_URL:
        pytest.skip("there is no Redis here")
    redis = Redis(rate.address(settings.CELERY_BROKER_URL), timeout=5)
    yield redis
    redis.evaluate("return redis.call('FLUSHDB')", "")
    redis.close()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Callable[[Serve], Redis]]:
    """Somebody at an address of this machine, who serves one connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serving(serve: Serve) -> Redis:
        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                serve(connection)

        threading.Thread(target=accept, daemon=True).start()
        return Redis(f"redis://127.0.0.1:{listener.getsockname()[1]}", timeout=5)

    yield serving
    listener.close()


def test_a_script_returns_what_it_returns(redis: Redis) -> None:
    assert redis.evaluate(COUNT, "count", 40) == [40, b"text", None]
    assert redis.evaluate(COUNT, "count", 2) == [42, b"text", None]


def test_an_error_is_said_and_ends_nothing(redis: Redis) -> None:
    with pytest.raises(Refused, match="compiling script"):
        redis.evaluate("this is no script", "key")

    assert redis.evaluate("return 1", "key") == 1


def test_a_connection_that_redis_has_ended_is_opened_again(redis: Redis) -> None:
    redis.evaluate("return 1", "key")
    other = Redis(redis.address, timeout=5)
    other.evaluate("return 1", "key")
    assert other.stream
    ask(other.stream, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    assert redis.evaluate("return 2", "key") == 2
    other.close()


def test_databases_are_apart(redis: Redis) -> None:
    separator = "&" if "?" in redis.address else "?"
    other = Redis(f"{redis.address}{separator}virtual_host=1", timeout=5)

    redis.evaluate(COUNT, "count", 1)
    assert other.evaluate(COUNT, "count", 5)[0] == 5

    other.evaluate("return redis.call('FLUSHDB')", "")
    other.close()


def test_names_and_database_of_an_address_are_told(
    server: Callable[[Serve], Redis],
) -> None:
    told: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        for answer in (b"+OK", b"+OK", b":7"):
            told.append(connection.recv(1000))
            connection.sendall(answer + b"\r\n")

    redis = server(serve)
    redis.address = redis.address.replace("//", "//user:p%40ss@") + "/3"

    assert redis.evaluate("return 7", "key") == 7
    assert told[0].split() == [
        b"*3", b"$4", b"AUTH", b"$4", b"user", b"$4", b"p@ss",
    ]  # fmt: skip
    assert told[1].split()[-3:] == [b"SELECT", b"$1", b"3"]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n", b":1"])
def test_who_is_not_redis_is_told_apart(
    server: Callable[[Serve], Redis], answer: bytes
) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(answer)

    with pytest.raises(OSError):  # noqa: PT011 - Refused, or that it has gone
        server(serve).evaluate("return 1", "key")


def test_an_answer_that_comes_late_is_not_taken_for_another(
    server: Callable[[Serve], Redis],
) -> None:
    asked = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        asked.wait(10)
        connection.sendall(b":1\r\n")

    redis = server(serve)
    redis.timeout = 0.01
    with pytest.raises(TimeoutError):
        redis.evaluate("return 1", "key")
    asked.set()

    assert redis.stream is None


@pytest.mark.parametrize("address", ["amqp://127.0.0.1", "sentinel://127.0.0.1", ""])
def test_what_is_no_address_of_redis_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="none of Redis"):
        Redis(address, 1).evaluate("return 1", "key")
