"""Whose turn it is: several callers are served at a time, of each two requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakValueDictionary

Done = TypeVar("Done")
Leaving = Callable[[], Awaitable[None]]  # returns when whoever asked has gone away


class Left(Exception):
    """Whoever asked has gone away before it was his turn."""


class TooManyWaiting(Exception):
    """As many requests of the caller wait already as may."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `is_client`: of SCIM; others are people, and clients who want a token."""

    name: str
    is_client: bool


@dataclass
class Queue:
    """Of one caller: `turns` he may have at a time, and the weight of what waits for one."""

    turns: asyncio.Semaphore
    waiting: int = 0

    @contextmanager
    def place(self, weight: int, most: int) -> Iterator[None]:
        """Wait, if no more than `most` waits then. Raises TooManyWaiting."""
        if self.waiting + weight > most:
            raise TooManyWaiting
        self.waiting += weight
        try:
            yield
        finally:
            self.waiting -= weight


class Turns:
    """Threads for what may take long, so that nobody waits for what somebody else asked.

    A caller whose requests are dear waits for himself: he has two threads at a time, lest
    one that waits for the database keeps his next from beginning, and the event loop none.
    Clients and people have as many threads each.
    """

    each = 2
    # wait of one caller: half of the connections a process takes (Granian's)
    most = 256

    def __init__(self, threads: int) -> None:
        kinds = (False, True)
        self._free = {is_client: asyncio.Semaphore(threads) for is_client in kinds}
        self._threads = ThreadPoolExecutor(
            len(kinds) * threads, thread_name_prefix="turn"
        )
        self._queues = WeakValueDictionary[Caller, Queue]()

    async def take(
        self, caller: Caller, work: Callable[[], Done], leaving: Leaving, weight: int
    ) -> Done:
        """Have work done when it is the caller's turn, and return what it returns.

        `weight`: as how many requests it counts while it waits. Work that has begun is
        finished. Raises Left, TooManyWaiting; nothing is done then.
        """
        queue = self._queues.setdefault(caller, Queue(asyncio.Semaphore(self.each)))
        wanted = [queue.turns, self._free[caller.is_client]]
        async with AsyncExitStack() as turn:
            if any(each.locked() for each in wanted):
                with queue.place(weight, self.most):
                    await _unless_left(leaving, _entered(turn, wanted))
            else:
                await _entered(turn, wanted)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work)


async def _entered(turn: AsyncExitStack, wanted: list[asyncio.Semaphore]) -> None:
    for each in wanted:
        await turn.enter_async_context(each)


async def _unless_left(leaving: Leaving, wait: Coroutine[Any, Any, None]) -> None:
    waiting, left = asyncio.ensure_future(wait), asyncio.ensure_future(leaving())
    await asyncio.wait([waiting, left], return_when=asyncio.FIRST_COMPLETED)
    left.cancel()
    if not waiting.done():
        waiting.cancel()
        raise Left
