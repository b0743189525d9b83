"""Web workers are watched by who made them: replaced if one ends, stopped with him."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from chatwork_admin.supervisor.commands import HOST, PROJECT, commands
from chatwork_admin.web import watching
from tests.bench.usage import memory_megabytes, tree
from tests.processes import within

pytestmark = pytest.mark.processes

STARTING = 120.0  # seconds, on a busy machine
WORKERS = 2


class Web:
    """The web processes, as production starts them."""

    def __init__(self, port: int, log: Path) -> None:
        self.address = f"http://{HOST}:{port}/healthz"
        with log.open("wb") as file:
            self.first = subprocess.Popen(
                commands(port)["web"], cwd=PROJECT, stdout=file, stderr=file
            )

    def workers(self) -> set[int]:
        return set(tree(self.first.pid)) - {self.first.pid}

    def answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(self.address, timeout=30).status_code == 200
        return False

    def is_small(self) -> bool:
        command = Path(f"/proc/{self.first.pid}/cmdline").read_bytes()
        return os.fsencode(watching.__file__) in command

    def is_watched(self) -> bool:
        is_there = self.first.poll() is None and self.is_small()
        return is_there and len(self.workers()) == WORKERS and self.answers()

    def end(self) -> None:
        if self.first.poll() is not None:
            return
        for each in tree(self.first.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self.first.wait(20)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Web]]:
    """Return the web processes of the test before, if it has left them as they were."""
    log = tmp_path_factory.mktemp("web") / "log"
    all_of_them: list[Web] = []

    def start() -> Web:
        if not (all_of_them and all_of_them[-1].is_watched()):
            with socket.create_server((HOST, 0)) as probe:
                port = probe.getsockname()[1]
            all_of_them.append(Web(port, log))
        assert within(STARTING, all_of_them[-1].is_watched), log.read_text()
        return all_of_them[-1]

    yield start
    for web in all_of_them:
        web.end()


@pytest.fixture
def web(started: Callable[[], Web]) -> Web:
    return started()


def are_gone(processes: set[int]) -> bool:
    return not any(Path(f"/proc/{each}").exists() for each in processes)


def test_who_watches_is_small_and_all_stop_with_him(web: Web) -> None:
    workers = web.workers()
    whole = memory_megabytes(web.first.pid)
    theirs = sum(memory_megabytes(each) for each in workers)
    assert whole - theirs < 10

    web.first.terminate()

    assert web.first.wait(20) == 0
    assert are_gone(workers)


@pytest.mark.parametrize("is_killed", [True, False])
def test_workers_are_replaced_by_others_while_somebody_answers(
    web: Web,
    is_killed: bool,  # noqa: FBT001
) -> None:
    """When one of them is killed, and when it is asked for by SIGHUP."""
    former = web.workers()
    if is_killed:
        os.kill(min(former), signal.SIGKILL)
        assert within(30, lambda: web.workers().isdisjoint({min(former)}))
    else:
        web.first.send_signal(signal.SIGHUP)

    def are_others() -> bool:
        assert web.answers()
        return web.workers().isdisjoint(former) and web.is_watched()

    assert within(STARTING, are_others)
    assert web.first.poll() is None


def test_told_to_stop_while_others_are_made_he_stops_all(web: Web) -> None:
    former = web.workers()
    os.kill(min(former), signal.SIGKILL)
    assert within(30, lambda: not web.is_small())

    web.first.terminate()

    assert web.first.wait(STARTING) == 0
    assert within(30, lambda: are_gone(former) and not web.answers())


def test_nobody_goes_on_whom_nobody_watches(web: Web) -> None:
    workers = web.workers()

    web.first.kill()
    web.first.wait(20)

    assert within(30, lambda: are_gone(workers))
