"""What processes have used, as the kernel counts it: CPU time and memory (Linux)."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
IDLE_SECONDS = 0.1
IDLE_DEADLINE_SECONDS = 60.0
# Positions in /proc/<pid>/stat after the command's name, see proc_pid_stat(5).
PARENT = 1
TIMES = slice(11, 15)  # utime, stime, and those of children that have ended


def cpu_seconds(root: int) -> float:
    """Return the CPU time of a process and all its descendants, dead ones included."""
    ticks = 0
    for pid in tree(root):
        with contextlib.suppress(OSError):
            ticks += sum(int(word) for word in _stat(pid)[TIMES])
    return ticks / TICKS_PER_SECOND


def memory_megabytes(root: int) -> float:
    """Return the proportional set size: what they share is counted once."""
    return sum(map(_pss, tree(root))) / 1024


def wait_until_idle(root: int) -> None:
    """Return when a process and its descendants do next to nothing, or after a time."""
    deadline = time.monotonic() + IDLE_DEADLINE_SECONDS
    before = cpu_seconds(root)
    while time.monotonic() < deadline:
        time.sleep(IDLE_SECONDS)
        now = cpu_seconds(root)
        if now - before < IDLE_SECONDS / 4:
            return
        before = now


def tree(root: int) -> list[int]:
    """Return a process and its descendants."""
    parents = dict(_parents())
    found = [root]
    for pid in found:  # grows while it is read
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def _parents() -> Iterable[tuple[int, int]]:
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            with contextlib.suppress(OSError):
                yield int(process.name), int(_stat(int(process.name))[PARENT])


def _stat(pid: int) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
        for line in lines.splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
