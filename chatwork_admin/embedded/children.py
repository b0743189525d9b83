"""Child processes that never outlive this one, however it ends.

The kernel asks each child to stop when the *thread* that started it ends, be it by
SIGKILL (PR_SET_PDEATHSIG). So children are started from the main thread only: a child
of a helper thread would die with it.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
C_LIBRARY = ctypes.CDLL(None)
FORMER_LIFE_SECONDS = 30.0


class CannotStart(Exception):
    """Something could not be started; the message says to its reader what to do."""


@dataclass(frozen=True)
class Account:
    """The user and group, by number, that a child runs as."""

    user: int
    group: int


@dataclass
class Child:
    """One program in a session of its own.

    `farewell` asks it to stop. `lock`, if given, is held by the program and all its
    descendants: a start waits until nothing of a former life runs, then removes the
    `leftovers` of it. Standard output and error are appended to `log`.
    """

    command: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str]
    farewell: signal.Signals = signal.SIGTERM
    account: Account | None = None
    directory: Path = Path("/")
    lock: Path | None = None
    leftovers: Sequence[Path] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the program. Raises CannotStart; RuntimeError outside the main thread."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("a child dies with its thread: use the main thread")
        with _held(self.lock) as inherited, self.log.open("ab") as log:
            for leftover in self.leftovers:
                leftover.unlink(missing_ok=True)
            try:
                self.process = self._spawn(log.fileno(), inherited)
            except (OSError, subprocess.SubprocessError) as error:
                reason = f"{self.command[0]} does not start: {error}"
                raise CannotStart(reason) from error

    def complete(self) -> None:
        """Start the program and wait for its end. Raises CannotStart when it fails."""
        self.start()
        try:
            exit_code = self.process.wait() if self.process else 0
        except BaseException:
            self.stop(seconds=0)
            raise
        if exit_code:
            reason = f"exit code {exit_code}, and in its log:\n{last_lines(self.log)}"
            command = " ".join(str(word) for word in self.command[:3])
            raise CannotStart(f"{command} failed: {reason}")

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self.process.poll() if self.process else None

    def stop(self, seconds: float) -> None:
        """Ask it to stop, then after so many seconds end its whole process group."""
        if self.process is None:
            return
        if self.is_running and seconds:
            self.process.send_signal(self.farewell)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _spawn(self, log: int, inherited: tuple[int, ...]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 (our own commands)
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.directory,
            env=dict(self.environment),
            start_new_session=True,
            pass_fds=inherited,
            user=self.account.user if self.account else None,
            group=self.account.group if self.account else None,
            extra_groups=[] if self.account else None,
            # After the change of user, which would clear it. Nothing in it takes a lock.
            preexec_fn=_die_with(os.getpid(), self.farewell),  # noqa: PLW1509
        )


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, to show to a person."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def _die_with(parent: int, farewell: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None

    def follow() -> None:
        C_LIBRARY.prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask to be told
            os._exit(1)

    return follow


@contextlib.contextmanager
def _held(lock: Path | None) -> Iterator[tuple[int, ...]]:
    if lock is None:
        yield ()
        return
    with lock.open("w") as held:
        deadline = time.monotonic() + FORMER_LIFE_SECONDS
        while not _taken(held.fileno()):
            if time.monotonic() > deadline:
                raise CannotStart(f"a server of a former start still holds {lock}")
            time.sleep(0.02)
        yield (held.fileno(),)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
