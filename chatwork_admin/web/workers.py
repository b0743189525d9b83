"""The web processes. The product is imported once; the workers share that memory.

What only one process may have, such as a connection, each worker opens by itself. Who
imported it waits for them as something smaller: see `watching`.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from typing import Any

from django.urls import reverse
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer

from chatwork_admin.web import door, watching

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
MALLOC = {M_TRIM_THRESHOLD: 1024 * 1024, M_MMAP_THRESHOLD: 256 * 1024}  # bytes
SHARE = 0.001  # seconds a thread may go on while others wait: a fifth of what is usual


class Workers(MPServer):
    """Granian's server up to where its workers have been started; others watch them."""

    former: list[int]
    again: list[str]

    def startup(self, *how: Any) -> None:
        super().startup(*how)  # type: ignore[no-untyped-call] # it has no types
        workers = [each.inner.pid for each in self.wrks]
        watching.hand_over(workers, self.former, self.again)


def serve(host: str, port: int, count: int, *, former: list[int]) -> None:
    """Serve by `count` workers, who relieve the `former`, until told to stop."""
    settle()
    signal.pthread_sigmask(signal.SIG_BLOCK, watching.HEEDED)
    os.register_at_fork(after_in_child=_heed)
    workers = Workers(
        f"{door.__name__}:door",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        websockets=False,
        workers=count,
        log_level=LogLevels.warning,
    )
    workers.former, workers.again = former, _again(host, port, count)
    workers.serve()


def settle() -> None:
    """Load what requests need, and keep it from the garbage collector from now on.

    A collection writes into each object that it visits, and so takes it out of the
    memory that is shared.
    """
    reverse("alive")  # it imports all views, and knows all addresses from now on
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SHARE)
    _give_back()


def _give_back() -> None:
    """Have glibc give back the memory of what was large; it keeps ever more otherwise.

    Sizes that are set stay; its own grow to 32 and 64 MB with what is freed (mallopt(3)).
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # not in other C libraries
        for option, size in MALLOC.items():
            library.mallopt(option, size)


def _heed() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, watching.HEEDED)


def _again(host: str, port: int, count: int) -> list[str]:
    """Return the command that makes other workers in the place of these."""
    command = [sys.executable, "-m", "chatwork_admin.web", "--host", host]
    return [*command, "--port", str(port), "--workers", str(count)]
