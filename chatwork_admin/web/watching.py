"""What the first web process becomes once its workers are there: small, and waiting.

It had to know the whole product for them to share it; to wait, it needs nothing of that.
So it goes on with this file alone, as the same process. When a worker has ended, it begins
anew while the others go on, so that all share again; so it does when told to (SIGHUP).
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import NoReturn

STOPPING = {signal.SIGTERM, signal.SIGINT}
HEEDED = STOPPING | {signal.SIGHUP, signal.SIGCHLD}  # blocked, so that none is lost
STARTING = 3.5  # seconds until new workers take requests, at the latest
SOON = 10.0  # seconds; if all end sooner, others would, too
PATIENCE = 5.0  # seconds for requests that are being answered
GONE: set[int] = set()


def hand_over(
    workers: Iterable[int], former: Iterable[int], again: list[str]
) -> NoReturn:
    """Watch over `workers`, who relieve the `former`, from now on; `again` makes others.

    Whoever calls has blocked what is `HEEDED`.
    """
    this = [sys.executable, "-I", "-S", __file__]
    _become([*this, _words(workers), _words(former), *again])


def watch(workers: set[int], former: set[int], again: list[str]) -> int:
    """Return 0 when told to stop, and 1 when it makes no sense to go on."""
    began = time.monotonic()
    if former and signal.sigtimedwait(STOPPING, STARTING):
        return _stop(workers | former)
    _stop(former)
    while workers.isdisjoint(_gone()):
        heeded = signal.sigwait(HEEDED)
        if heeded in STOPPING:
            return _stop(workers)
        if heeded == signal.SIGHUP:
            break
    if workers <= GONE and time.monotonic() - began < SOON:
        _tell("web workers end as soon as they start")
        return 1
    _tell("web workers are replaced")
    return _become([*again, "--relieve", _words(workers - GONE)])


def _become(command: list[str]) -> NoReturn:
    os.execv(command[0], command)  # noqa: S606 - our own words, and no shell


def _stop(processes: set[int]) -> int:
    """Have children end, by force those that take too long; return 0."""
    for process in processes:
        os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while processes - _gone() and (left := deadline - time.monotonic()) > 0:
        signal.sigtimedwait({signal.SIGCHLD}, left)
    for process in processes - GONE:
        os.kill(process, signal.SIGKILL)
    return 0


def _gone() -> set[int]:
    """Return all children that have ended by now."""
    try:
        while process := os.waitpid(-1, os.WNOHANG)[0]:
            GONE.add(process)
    except ChildProcessError:
        pass  # there is none any more
    return GONE


def _tell(message: str) -> None:
    said = f'{{"levelname": "WARNING", "name": "{__file__}", "message": "{message}"}}\n'
    os.write(sys.stdout.fileno(), said.encode())


def _words(processes: Iterable[int]) -> str:
    return ",".join(map(str, processes))


def _numbers(words: str) -> set[int]:
    return {int(word) for word in words.split(",") if word}


if __name__ == "__main__":
    sys.exit(watch(_numbers(sys.argv[1]), _numbers(sys.argv[2]), sys.argv[3:]))
