"""The product, running: everything started in order, kept alive, stopped in order."""

import contextlib
import http.client
import math
import os
import socket
import sys
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Self

from chatwork_admin.embedded import Services
from chatwork_admin.embedded.children import CannotStart, Child, last_lines
from chatwork_admin.supervisor.commands import (
    HOST,
    MIGRATION,
    PROJECT,
    commands,
    data_directory,
)
from chatwork_admin.supervisor.environment import remember
from chatwork_admin.supervisor.interruptions import interrupted, undisturbed
from chatwork_admin.supervisor.kept_alive import KeptAlive
from chatwork_admin.supervisor.terminal import say

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
TEND_SECONDS = 0.2
HOPELESS_DEATHS = 3
WITH_REDIS_ONLY = {"beat", "worker"}  # without it, the relay delivers by itself


class Product:
    """All processes of the product, from `with` to its end, by the main thread.

    Inside it, SIGINT raises KeyboardInterrupt and SIGTERM raises SystemExit, and
    `environment` is what makes a process one of the product's; `settings` are added to
    it. Whoever does other work meanwhile calls `tend` now and then; the others call
    `watch` or `wait`.
    """

    def __init__(
        self,
        *,
        port: int,
        directory: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.settings = settings or {}
        self.directory = (directory or data_directory()).resolve()
        self.base_url = f"http://{HOST}:{port}"
        self.environment: dict[str, str] = {}
        self._services = Services(self.directory)
        self._processes: dict[str, KeptAlive] = {}
        self._exits = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Return when `/readyz` agrees. Raises CannotStart, with everything stopped."""
        _require_free(self.port)
        self._exits.enter_context(interrupted())
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with undisturbed():
            for process in self._processes.values():
                process.child.stop(STOP_SECONDS)
            self._services.stop()
        self._exits.close()

    def tend(self) -> None:
        """Start again whatever has died. Returns at once if nothing has."""
        for name in self._services.revive():
            say(f"{name} had ended and runs again")
        for process in self._processes.values():
            process.tend()

    def watch(self, seconds: float) -> None:
        """Tend for so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.tend()
            time.sleep(TEND_SECONDS)

    def wait(self) -> None:
        """Tend until a signal comes."""
        self.watch(math.inf)

    def _start(self) -> None:
        self._services.start()
        self.environment = self._environment()
        # The owner migrates: the role of all other processes may not change tables.
        self._child("migrate", MIGRATION, DATABASE_ROLE="").complete()
        for name, command in commands(self.port, self.directory).items():
            if self._services.redis_url or name not in WITH_REDIS_ONLY:
                self._keep_alive(name, command)
            if name == "web":  # alone at first: all at once would take it longer
                self._wait_until_ready()

    def _keep_alive(self, name: str, command: list[str]) -> None:
        process = KeptAlive(name, self._child(name, command))
        self._processes[name] = process
        process.start()

    def _environment(self) -> dict[str, str]:
        settings = {
            "DATABASE_URL": self._services.database_url,
            "REDIS_URL": self._services.redis_url,
            "BASE_URL": self.base_url,
            "ALLOWED_HOSTS": f"{HOST},localhost",
            "EMAIL_URL": f"file:{self.directory / 'mail'}",
            **self.settings,
        }
        return {
            **remember(self.directory, settings),
            "DATABASE_ROLE": "chatwork_app",
            "DATA_DIRECTORY": str(self.directory),
        }

    def _child(self, name: str, command: list[str], **settings: str) -> Child:
        programs = Path(sys.executable).parent
        path = f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return Child(
            command=command,
            log=self.directory / "log" / f"{name}.log",
            environment={**os.environ, **self.environment, "PATH": path, **settings},
            directory=PROJECT,
        )

    def _wait_until_ready(self) -> None:
        web = self._processes["web"]
        deadline = time.monotonic() + READY_SECONDS
        while not _is_ready(self.port):
            if web.deaths >= HOPELESS_DEATHS or time.monotonic() > deadline:
                reason = last_lines(web.child.log)
                raise CannotStart(f"{self.base_url} does not get ready:\n{reason}")
            self.watch(TEND_SECONDS)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        # Without it, the port's last connections would count for two more minutes.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            hint = "choose another one with PORT=…"
            raise CannotStart(f"port {port} is taken ({error}): {hint}") from error


def _is_ready(port: int) -> bool:
    with (
        contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=5)) as client,
        contextlib.suppress(OSError, http.client.HTTPException),
    ):
        client.request("GET", "/readyz")
        return client.getresponse().status == HTTPStatus.OK
    return False
