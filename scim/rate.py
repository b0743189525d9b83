"""How often an organization may call: a rate in the long run, and a burst.

The generic cell rate algorithm keeps one instant per organization, its theoretical
arrival time: each request moves it on by 1/rate, and may come up to burst/rate before
it. Redis keeps it for all processes. Without Redis each process keeps its own: what
limits requests may never be what stops them.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from threading import Lock

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry

from scim.errors import TooManyRequests

logger = logging.getLogger(__name__)

TIMEOUT = 0.05  # seconds that Redis has for an answer
PAUSE = 5.0  # seconds without another try after it gave none
MOST_WAITING = 2.0  # seconds that a process may spend waiting at a time,
WAITING_SHARE = 0.05  # and of each second in the long run: others wait meanwhile
MOST_KEPT = 10_000  # organizations that a process remembers by itself

# Microseconds. Returns how long to wait; less than 0: too long, and nothing is counted.
ARRIVE = """
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = arrival + ARGV[1] - ARGV[2] - now
if wait > tonumber(ARGV[3]) then return -wait end
redis.call('SET', KEYS[1], string.format('%.0f', arrival + ARGV[1]), 'PX',
           math.ceil((arrival + ARGV[1] - now) / 1000) + 1000)
return math.max(wait, 0)
"""


@dataclass
class Patience:
    """How long this process may still wait; grows again while it does not."""

    seconds: float = MOST_WAITING
    since: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        now = time.monotonic()
        grown = self.seconds + (now - self.since) * WAITING_SHARE
        self.seconds, self.since = min(grown, MOST_WAITING), now
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds -= seconds
        time.sleep(seconds)


@dataclass
class Breaker:
    """Redis, while it answers; it is left alone for a while when it does not."""

    open_until: float = 0.0

    def arrive(self, key: str, cost: float, burst: float, most: float) -> float | None:
        """Return how many seconds to wait, as ARRIVE; None if Redis cannot say."""
        if not settings.CELERY_BROKER_URL or time.monotonic() < self.open_until:
            return None
        arguments = [int(each * 1e6) for each in (cost, burst, most)]
        try:
            return int(_script()(keys=[key], args=arguments)) / 1e6
        except (RedisError, ValueError):  # an address that is none of Redis
            self.open_until = time.monotonic() + PAUSE
            logger.warning("Redis gives no answer; each process limits by itself")
            return None


@dataclass
class Arrivals:
    """The same in the memory of this process."""

    at: dict[str, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def arrive(self, key: str, cost: float, burst: float, most: float) -> float:
        now = time.monotonic()
        with self.lock:
            arrival = max(self.at.get(key, 0.0), now)
            wait = arrival + cost - burst - now
            if wait > most:
                return -wait
            if len(self.at) >= MOST_KEPT:
                self.at.clear()
            self.at[key] = arrival + cost
        return max(wait, 0.0)


BREAKER, ARRIVALS, PATIENCE = Breaker(), Arrivals(), Patience()


def admit(organization_id: uuid.UUID, requests: int = 1) -> None:
    """Let requests of an organization in, after a short wait if they are too many.

    One round trip to Redis. Raises TooManyRequests, and counts nothing then.
    """
    rate, burst = settings.SCIM_RATE, settings.SCIM_BURST
    if not rate or not burst or not requests:
        return
    asked = f"scim-rate:{organization_id}", requests / rate, burst / rate
    most = PATIENCE.left()
    wait = BREAKER.arrive(*asked, most)
    if wait is None:
        wait = ARRIVALS.arrive(*asked, most)
    if wait < 0:
        raise TooManyRequests(-wait)
    if wait:
        PATIENCE.wait(wait)


def address(broker: str) -> str:
    """Return the address of a broker as redis-py spells it, and Celery does not."""
    if broker.startswith("redis+socket://"):
        return "unix://" + broker.removeprefix("redis+socket://").partition("?")[0]
    return broker


@cache
def _script() -> Script:
    never = Retry(NoBackoff(), 0)
    redis = Redis.from_url(
        address(settings.CELERY_BROKER_URL),
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=never,
    )
    return redis.register_script(ARRIVE)
