"""Whose turn it is: several callers are served at a time, of each two requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakValueDictionary

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `is_client`: of SCIM; others are people, and clients who want a token."""

    name: str
    is_client: bool


class Turns:
    """Threads for what may take long, so that nobody waits for what somebody else asked.

    A caller whose requests are dear waits for himself: he has two threads at a time, lest
    one that waits for the database keeps his next from beginning, and the event loop none.
    Clients and people have as many threads each.
    """

    each = 2

    def __init__(self, threads: int) -> None:
        self._threads = {
            is_client: ThreadPoolExecutor(threads, thread_name_prefix="turn")
            for is_client in (False, True)
        }
        self._queues = WeakValueDictionary[Caller, asyncio.Semaphore]()

    async def take(self, caller: Caller, work: Callable[[], Done]) -> Done:
        """Have work done when it is the caller's turn, and return what it returns."""
        queue = self._queues.setdefault(caller, asyncio.Semaphore(self.each))
        async with queue:
            loop = asyncio.get_running_loop()
            threads = self._threads[caller.is_client]
            return await loop.run_in_executor(threads, work)
