"""A web server behind the product's door: see `echo`."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.processes import within
from tests.web.asking import HOST


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[int, int]]:
    """At which port it serves, and the number of its process."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    started = subprocess.Popen([sys.executable, "-m", "tests.web.echo", str(port)])
    try:
        assert within(60, lambda: _is_open(port))
        yield port, started.pid
    finally:
        started.terminate()
        started.wait(20)


@pytest.fixture
def port(server: tuple[int, int]) -> int:
    return server[0]


def _is_open(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
        return True
    return False
