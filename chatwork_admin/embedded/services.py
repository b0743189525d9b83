"""The embedded servers together: started, revived and stopped as one."""

import os
import time
from pathlib import Path
from typing import IO, Protocol

from chatwork_admin.embedded.children import CannotStart, Child, last_lines
from chatwork_admin.embedded.directories import claim, private
from chatwork_admin.embedded.postgresql import PostgreSQL
from chatwork_admin.embedded.redis import Redis, find_binary

START_SECONDS = 60.0
STOP_SECONDS = 20.0


class Server(Protocol):
    """One of the embedded servers."""

    name: str
    child: Child

    def prepare(self) -> None:
        """Make what the server needs on disk, once."""

    def answers(self) -> bool:
        """Say whether clients are served."""


class Services:
    """PostgreSQL and Redis, for as long as the main thread of this process lives.

    A server that the environment names (DATABASE_URL, REDIS_URL) is used as it is and
    not started. Without any Redis, `redis_url` is empty. With `durable=False` a crash
    of the machine may lose data, for tests. Start and revive from the main thread.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.directory = directory.resolve()
        self.durable = durable
        self.database_url = os.environ.get("DATABASE_URL", "")
        self.redis_url = os.environ.get("REDIS_URL", "")
        self.servers: list[Server] = []
        self._claim: IO[str] | None = None

    def start(self) -> None:
        """Start what the environment does not name. Raises CannotStart."""
        self._claim = claim(self.directory)
        try:
            self._choose(private(self.directory / "log"))
            for server in self.servers:
                _start(server)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what was started, the database last, and free the directory."""
        while self.servers:
            self.servers.pop().child.stop(STOP_SECONDS)
        if self._claim:
            self._claim.close()
            self._claim = None

    def revive(self) -> list[str]:
        """Start again whichever server has died; return their names."""
        dead = [server for server in self.servers if not server.child.is_running]
        for server in dead:
            _start(server)
        return [server.name for server in dead]

    def _choose(self, logs: Path) -> None:
        if not os.environ.get("DATABASE_URL"):
            postgresql = PostgreSQL(self.directory, logs, durable=self.durable)
            self.servers.append(postgresql)
            self.database_url = postgresql.url
        binary = find_binary()
        # Set to nothing, it says: without Redis.
        if "REDIS_URL" not in os.environ and binary:
            redis = Redis(binary, self.directory, logs)
            self.servers.append(redis)
            self.redis_url = redis.url


def _start(server: Server) -> None:
    server.prepare()
    server.child.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if not server.child.is_running or time.monotonic() > deadline:
            reason = last_lines(server.child.log)
            raise CannotStart(f"{server.name} does not start:\n{reason}")
        time.sleep(0.02)
