"""Whose turn it is: several callers are served at a time, but of each one request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from weakref import WeakValueDictionary

Done = TypeVar("Done")


class Turns:
    """Threads for what may take long, so that nobody waits for what somebody else asked.

    A caller whose requests are dear waits for himself: he has one thread at a time, and
    the event loop none of them.
    """

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="turn")
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, caller: str, work: Callable[[], Done]) -> Done:
        """Have work done when it is the caller's turn, and return what it returns."""
        queue = self._queues.setdefault(caller, asyncio.Lock())
        async with queue:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work)
