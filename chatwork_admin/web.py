"""The web processes. The product is imported once; the workers share that memory.

What only one process may have, such as a connection, each worker opens by itself.
"""

from __future__ import annotations

import argparse
import gc

from django.urls import get_resolver
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

from chatwork_admin import door


def main() -> None:
    said = _arguments()
    settle()
    Server(
        f"{door.__name__}:door",
        address=said.host,
        port=said.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        websockets=False,
        workers=said.workers,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


def settle() -> None:
    """Load what requests need, and keep it from the garbage collector from now on.

    A collection writes into each object that it visits, and so takes it out of the
    memory that is shared.
    """
    get_resolver().url_patterns  # noqa: B018 - it imports all views
    gc.collect()
    gc.freeze()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chatwork_admin.web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
