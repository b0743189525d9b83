"""What runs on this machine, as the kernel tells it."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path


def mentioning(directory: Path) -> set[int]:
    """Return the other processes that were started with a word on the directory."""
    return {
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdecimal()
        if int(process.name) != os.getpid() and _mentions(process, directory)
    }


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Wait for something to become true; say whether it has."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _mentions(process: Path, directory: Path) -> bool:
    word = os.fsencode(directory)
    # A zombie has neither; another user's process shows its command only.
    for source in ("cmdline", "environ"):
        with contextlib.suppress(OSError):
            if word in (process / source).read_bytes():
                return True
    return False
