"""Redis' protocol (RESP2), as much of it as a script of ours needs.

redis-py is for everything: it would make a web process a sixth larger.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedRWPair
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

PORT = 6379
END = b"\r\n"


class Refused(OSError):
    """What Redis says instead of an answer."""


@dataclass
class Redis:
    """A connection that is opened when it is needed, and again when it was lost.

    `address`: redis://[user:password@]host[:port][/database], rediss:// for TLS, or
    unix:///path[?virtual_host=database]. `timeout`: seconds for each answer.
    """

    address: str
    timeout: float
    stream: BufferedRWPair | None = None
    lock: Lock = field(default_factory=Lock)

    def evaluate(self, script: str, key: str, *arguments: int) -> Any:
        """Run a script on one key. Raises OSError, and ValueError for such addresses."""
        words = ("EVAL", script, 1, key, *arguments)
        with self.lock:
            was_kept = self.stream is not None
            try:
                return self._ask(*words)
            except ConnectionError:  # Redis was started anew
                if not was_kept:
                    raise
                return self._ask(*words)

    def close(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            with suppress(OSError):  # what could not be sent is tried again
                stream.close()

    def _ask(self, *words: object) -> Any:
        try:
            self.stream = self.stream or _connected(self.address, self.timeout)
            return ask(self.stream, *words)
        except OSError:
            self.close()  # an answer that comes late must not be taken for another
            raise


def ask(stream: BufferedRWPair, *words: object) -> Any:
    """Send a command; return what is answered, of the type it has. Raises OSError."""
    said = [str(word).encode() for word in words]
    parts = (b"$%d\r\n%b\r\n" % (len(word), word) for word in said)
    stream.write(b"*%d\r\n%b" % (len(said), b"".join(parts)))
    stream.flush()
    return _reply(stream)


def _reply(stream: BufferedRWPair) -> Any:
    line = stream.readline()
    if not line.endswith(END):
        raise ConnectionResetError("Redis has gone")
    kind, said = line[:1], line[1:-2]
    match kind:
        case b"+":
            return said
        case b":":
            return int(said)
        case b"-":
            raise Refused(said.decode(errors="replace"))
        case b"$":
            return stream.read(int(said) + 2)[:-2] if said != b"-1" else None
        case b"*":
            return [_reply(stream) for _ in range(int(said))]
        case _:
            raise Refused("this is not Redis")


def _connected(address: str, timeout: float) -> BufferedRWPair:
    named = urlsplit(address)
    connection = _socket(named, timeout)
    stream = connection.makefile("rwb")
    connection.close()  # with the stream
    names = [unquote(each) for each in (named.username, named.password) if each]
    if names:
        ask(stream, "AUTH", *names)
    if database := _database(named):
        ask(stream, "SELECT", database)
    return stream


def _socket(named: SplitResult, timeout: float) -> socket.socket:
    if named.scheme == "unix":
        local = socket.socket(socket.AF_UNIX)
        local.settimeout(timeout)
        local.connect(unquote(named.path))
        return local
    if named.scheme not in {"redis", "rediss"}:
        raise ValueError(f"{named.scheme} is none of Redis")
    host = named.hostname or "localhost"
    remote = socket.create_connection((host, named.port or PORT), timeout)
    remote.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if named.scheme == "redis":
        return remote
    return ssl.create_default_context().wrap_socket(remote, server_hostname=host)


def _database(named: SplitResult) -> str:
    if named.scheme == "unix":
        return parse_qs(named.query).get("virtual_host", [""])[0]
    return named.path.strip("/")
