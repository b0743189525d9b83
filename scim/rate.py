"""How often an organization may call: a rate in the long run, and a burst.

The generic cell rate algorithm keeps one instant per organization, its theoretical
arrival time: each request moves it on by 1/rate, and may come up to burst/rate before
it. Redis keeps it for all processes. Without Redis each process keeps its own: what
limits requests may never be what stops them.

Far from the limit a process takes several requests at a time, as a lease, and gives
back what it has not used; near it, each request is counted by itself.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from threading import Lock

from django.conf import settings

from scim.errors import TooManyRequests
from scim.resp import Redis

logger = logging.getLogger(__name__)

ADMITTED = "scim.admitted"  # of a WSGI request: it was let in already
TIMEOUT = 0.05  # seconds that Redis has for an answer
PAUSE = 5.0  # seconds without another try after it gave none
MOST_WAITING = 2.0  # seconds that a process may spend waiting at a time,
WAITING_SHARE = 0.05  # and of each second in the long run: others wait meanwhile
MOST_KEPT = 10_000  # organizations that a process remembers by itself
LEASE_SHARE = 0.05  # of the burst, that a process may take at a time
LEASE_SECONDS = 1.0  # that it may use what it has taken

# Microseconds. Returns how long to wait, and whether a lease was taken instead of one
# arrival; less than 0: too long, and nothing is counted.
ARRIVE = """
local cost, burst, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local lease, unused = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or 0) - unused, now)
local is_leased = arrival + lease - burst <= now
if is_leased then cost = lease end
local wait = arrival + cost - burst - now
local is_refused = wait > most
if not is_refused then arrival = arrival + cost end
redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX',
           math.ceil((arrival - now) / 1000) + 1000)
if is_refused then return {-wait, 0} end
return {math.max(wait, 0), is_leased and 1 or 0}
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What comes: `cost` is what it takes of the rate, `most` may it wait. Microseconds."""

    key: str
    cost: int
    burst: int
    most: int

    @property
    def lease(self) -> int:
        """What to take instead, where nobody needs to wait."""
        return max(int(self.burst * LEASE_SHARE), self.cost)


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

    def arrive(self, came: Arrival, unused: int) -> tuple[int, bool] | None:
        """Return as ARRIVE; None if Redis cannot say. `unused` is left of a lease."""
        if not settings.CELERY_BROKER_URL or time.monotonic() < self.open_until:
            return None
        said = [came.cost, came.burst, came.most, came.lease, unused]
        try:
            wait, is_leased = _redis().evaluate(ARRIVE, came.key, *said)
            return int(wait), bool(is_leased)
        except (OSError, ValueError):  # an address that is none of Redis
            self.open_until = time.monotonic() + PAUSE
            logger.warning("Redis gives no answer; each process limits by itself")
            return None


@dataclass
class Arrivals:
    """The same in the memory of this process."""

    at: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def arrive(self, came: Arrival) -> int:
        now = time.monotonic_ns() // 1000
        with self.lock:
            arrival = max(self.at.get(came.key, 0), now)
            wait = arrival + came.cost - came.burst - now
            if wait > came.most:
                return -wait
            if len(self.at) >= MOST_KEPT:
                self.at.clear()
            self.at[came.key] = arrival + came.cost
        return max(wait, 0)


@dataclass
class Leases:
    """What this process has taken of the rates and not used yet, and until when it may."""

    left: dict[str, tuple[int, float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def use(self, came: Arrival) -> bool:
        with self.lock:
            left, until = self.left.get(came.key, (0, 0.0))
            if left < came.cost or until < time.monotonic():
                return False
            self.left[came.key] = left - came.cost, until
        return True

    def take(self, came: Arrival) -> None:
        """Keep a lease of which something is used at once."""
        until = time.monotonic() + LEASE_SECONDS
        with self.lock:
            if len(self.left) >= MOST_KEPT:
                self.left.clear()
            self.left[came.key] = came.lease - came.cost, until

    def give_back(self, key: str) -> int:
        with self.lock:
            return self.left.pop(key, (0, 0.0))[0]


BREAKER, ARRIVALS, PATIENCE, LEASES = Breaker(), Arrivals(), Patience(), Leases()


def admit(
    organization_id: uuid.UUID, requests: int = 1, *, may_wait: bool = True
) -> None:
    """Let requests of an organization in, after a short wait if they are too many.

    On the event loop nobody may wait. One round trip to Redis, or none. Raises
    TooManyRequests, and counts nothing then.
    """
    rate, burst = settings.SCIM_RATE, settings.SCIM_BURST
    if not rate or not burst or not requests:
        return
    said = requests / rate, burst / rate, PATIENCE.left() if may_wait else 0
    came = Arrival(f"scim-rate:{organization_id}", *(int(each * 1e6) for each in said))
    wait = 0 if LEASES.use(came) else _wait(came)
    if wait < 0:
        raise TooManyRequests(-wait / 1e6)
    if wait:
        PATIENCE.wait(wait / 1e6)


def _wait(came: Arrival) -> int:
    """Count an arrival, or a lease; return how long to wait, as ARRIVE."""
    counted = BREAKER.arrive(came, LEASES.give_back(came.key))
    if counted is None:
        return ARRIVALS.arrive(came)
    wait, is_leased = counted
    if is_leased:
        LEASES.take(came)
    return wait


def address(broker: str) -> str:
    """Return the address of a broker without Celery's word for a local socket."""
    return broker.replace("redis+socket://", "unix://", 1)


@cache
def _redis() -> Redis:
    return Redis(address(settings.CELERY_BROKER_URL), TIMEOUT)
