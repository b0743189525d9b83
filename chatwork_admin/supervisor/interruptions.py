"""What SIGINT and SIGTERM do: raise in the main thread, or nothing while stopping.

SIGHUP is left alone, for `nohup`; where it ends this process, the kernel tells all others.
"""

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupted() -> contextlib.AbstractContextManager[None]:
    """Raise KeyboardInterrupt on SIGINT, even in a shell's background; else SystemExit."""
    return _answered_by(_interrupt)


def undisturbed() -> contextlib.AbstractContextManager[None]:
    """Ignore both: an impatient second Ctrl-C must not cut the stopping short."""
    return _answered_by(signal.SIG_IGN)


@contextlib.contextmanager
def _answered_by(
    handler: Callable[[int, FrameType | None], object] | signal.Handlers,
) -> Iterator[None]:
    former = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, before in former.items():
            signal.signal(number, before)


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
