"""The web processes. The product is imported once; the workers share that memory.

What only one process may have, such as a connection, each worker opens by itself. Who
imported it waits for them as something smaller: see `watching`.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from typing import Any

from django.urls import reverse
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer

from chatwork_admin import door, watching


class Workers(MPServer):
    """Granian's server up to where its workers have been started; others watch them."""

    former: list[int]
    again: list[str]

    def startup(self, *how: Any) -> None:
        super().startup(*how)  # type: ignore[no-untyped-call] # it has no types
        workers = [each.inner.pid for each in self.wrks]
        watching.hand_over(workers, self.former, self.again)


def main() -> None:
    said = _arguments()
    settle()
    signal.pthread_sigmask(signal.SIG_BLOCK, watching.HEEDED)
    os.register_at_fork(after_in_child=_heed)
    workers = Workers(
        f"{door.__name__}:door",
        address=said.host,
        port=said.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        websockets=False,
        workers=said.workers,
        log_level=LogLevels.warning,
    )
    workers.former, workers.again = said.relieve, _again(said)
    workers.serve()


def settle() -> None:
    """Load what requests need, and keep it from the garbage collector from now on.

    A collection writes into each object that it visits, and so takes it out of the
    memory that is shared.
    """
    reverse("alive")  # it imports all views, and knows all addresses from now on
    gc.collect()
    gc.freeze()


def _heed() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, watching.HEEDED)


def _again(said: argparse.Namespace) -> list[str]:
    """Return the command that makes other workers in the place of these."""
    command = [sys.executable, "-m", "chatwork_admin.web", "--host", said.host]
    return [*command, "--port", str(said.port), "--workers", str(said.workers)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chatwork_admin.web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--relieve", type=_numbers, default=[], help=argparse.SUPPRESS)
    return parser.parse_args()


def _numbers(words: str) -> list[int]:
    return [int(word) for word in words.split(",") if word]


if __name__ == "__main__":
    main()
