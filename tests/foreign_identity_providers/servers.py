"""Programs that serve on a port of this machine, for as long as a test needs them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

START_SECONDS = 30.0


@contextlib.contextmanager
def serving(
    command: Sequence[str | Path],
    *,
    port: int,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run a program that listens on `port` until the end of the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_it_listens(process, port, log)
            yield
        finally:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_it_listens(
    process: subprocess.Popen[bytes], port: int, log: Path
) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port)),
        ):
            return
        time.sleep(0.05)
    raise AssertionError(f"it does not serve:\n{log.read_text(errors='replace')}")
