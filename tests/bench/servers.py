"""A server under test: its process, its address, and who is in it."""

from __future__ import annotations

import http.client
import os
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from chatwork_admin.embedded.children import CannotStart, Child, last_lines
from chatwork_admin.supervisor.commands import HOST, PROJECT
from tests.bench.operations import Operation

ANSWER_SECONDS = 120.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class People:
    """Users 1 to `size`; the patterns are those of C, for Python and Lua alike."""

    size: int
    user_id: str
    user_name: str
    group_id: str


@dataclass(frozen=True)
class Server:
    """`replaced` holds what the server understands instead of an operation, by name;
    `remarks` says so in the report."""

    name: str
    base: str
    people: People
    process: Child | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    uses_postgresql: bool = False
    replaced: Mapping[str, Operation] = field(default_factory=dict)
    remarks: Sequence[str] = ()

    @property
    def pid(self) -> int:
        assert self.process is not None
        assert self.process.process is not None
        return self.process.process.pid

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop(STOP_SECONDS)


@dataclass(frozen=True, slots=True)
class Missing:
    """A peer that could not be installed or started, and why."""

    name: str
    reason: str


def start(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str], port: int
) -> Child:
    """Start a server and wait until it accepts connections. Raises CannotStart."""
    child = _child(command, log, environment)
    child.start()
    deadline = time.monotonic() + ANSWER_SECONDS
    while not _accepts(port):
        if not child.is_running or time.monotonic() > deadline:
            reason = last_lines(log)
            child.stop(STOP_SECONDS)
            raise CannotStart(f"{command[0]} does not answer:\n{reason}")
        time.sleep(0.1)
    return child


def complete(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str]
) -> None:
    """Run a command to its end. Raises CannotStart when it fails."""
    _child(command, log, environment).complete()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def ask(
    server: Server, method: str, path: str, body: str = "", seconds: float = 60
) -> tuple[int, bytes]:
    """Send one request; return status and body. Raises OSError, HTTPException."""
    address = urlsplit(server.base)
    written = {"Content-Type": "application/scim+json"} if body else {}
    client = http.client.HTTPConnection(address.netloc, timeout=seconds)
    try:
        client.request(
            method,
            address.path + path,
            body.encode() or None,
            {**server.headers, **written},
        )
        response = client.getresponse()
        return response.status, response.read()
    finally:
        client.close()


def _child(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str]
) -> Child:
    path = os.environ.get("PATH", os.defpath)
    return Child(command, log, {"PATH": path, **environment}, directory=PROJECT)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
