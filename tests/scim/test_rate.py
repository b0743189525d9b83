"""How often an organization may call (row J2, I5; RFC 6585 §4), and what Redis has to do with it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from scim import rate
from scim.errors import TooManyRequests
from tests.scim.conftest import USERS, Provisioning

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def afresh(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[list[float]]:
    """A process that has just started; waiting takes no time here."""
    slept: list[float] = []
    settings.SCIM_RATE, settings.SCIM_BURST = 25, 100
    monkeypatch.setattr(rate, "BREAKER", rate.Breaker())
    monkeypatch.setattr(rate, "ARRIVALS", rate.Arrivals())
    monkeypatch.setattr(rate, "PATIENCE", rate.Patience())
    monkeypatch.setattr(rate, "LEASES", rate.Leases())
    monkeypatch.setattr("scim.rate.time.sleep", slept.append)
    rate._redis.cache_clear()
    yield slept
    rate._redis.cache_clear()


@pytest.fixture(params=["Redis", "no Redis", "Redis gone", "no Redis at all"])
def place(request: pytest.FixtureRequest, settings: Any) -> str:
    if request.param == "Redis" and not settings.CELERY_BROKER_URL:
        pytest.skip("there is no Redis here")
    if request.param == "no Redis":
        settings.CELERY_BROKER_URL = ""
    if request.param == "Redis gone":
        settings.CELERY_BROKER_URL = NOWHERE
    if request.param == "no Redis at all":
        settings.CELERY_BROKER_URL = "amqp://127.0.0.1"
    return str(request.param)


def admitted(organization: uuid.UUID, attempts: int) -> int:
    done = 0
    for _ in range(attempts):
        try:
            rate.admit(organization)
        except TooManyRequests:
            continue
        done += 1
    return done


@pytest.mark.usefixtures("place")
def test_a_burst_is_admitted_at_once_and_then_some_wait(
    afresh: list[float], settings: Any
) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = 1, 5  # slow, as this machine may be
    organization = uuid.uuid4()

    assert admitted(organization, 5) == 5
    assert afresh == []

    # the next has to wait a second, of the two that this process may wait at most
    assert 1 <= admitted(organization, 20) < 20
    assert afresh
    assert sum(afresh) <= rate.MOST_WAITING


def test_who_asks_25_times_a_second_is_never_refused_and_never_waits(
    afresh: list[float], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row J2, for ten minutes, with the least rate and burst that may be set."""
    settings.CELERY_BROKER_URL = ""
    organization, now = uuid.uuid4(), time.monotonic_ns()
    with monkeypatch.context() as patch:
        for number in range(10 * 60 * 25):
            at = now + number * 1_000_000_000 // 25
            patch.setattr("scim.rate.time.monotonic_ns", lambda at=at: at)
            rate.admit(organization)

    assert afresh == []


@pytest.mark.usefixtures("place")
def test_another_organization_is_not_concerned() -> None:
    admitted(uuid.uuid4(), 300)

    assert admitted(uuid.uuid4(), 100) == 100


@pytest.mark.usefixtures("place")
def test_who_is_refused_is_told_when_to_come_back() -> None:
    organization = uuid.uuid4()
    admitted(organization, 300)

    with pytest.raises(TooManyRequests) as refused:
        rate.admit(organization, requests=50)

    assert 2 <= int(refused.value.headers["Retry-After"]) <= 6


@pytest.mark.usefixtures("place")
def test_what_is_refused_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    organization = uuid.uuid4()
    monkeypatch.setattr(rate, "WAITING_SHARE", 0)
    monkeypatch.setattr(rate.PATIENCE, "seconds", 0)
    admitted(organization, 100)
    time_of_one = 1 / 25

    admitted(organization, 1000)
    until = time.monotonic() + 2 * time_of_one
    while time.monotonic() < until:
        pass

    assert admitted(organization, 1) == 1


def test_a_process_does_not_spend_its_time_waiting(afresh: list[float]) -> None:
    """So that one organization that hammers does not keep the others waiting."""
    organization = uuid.uuid4()
    for _ in range(5):
        admitted(organization, 200)

    assert sum(afresh) <= rate.MOST_WAITING + 1


def test_a_frozen_redis_is_asked_once_in_a_while(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = NOWHERE
    tries: list[object] = []
    redis = rate._redis

    def counting() -> Any:
        tries.append(1)
        return redis()

    monkeypatch.setattr(rate, "_redis", counting)
    assert admitted(uuid.uuid4(), 100) == 100
    assert len(tries) == 1

    rate.BREAKER.open_until = 0.0
    assert admitted(uuid.uuid4(), 100) == 100
    assert len(tries) == 2
    monkeypatch.undo()


def test_a_process_forgets_rather_than_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "MOST_KEPT", 3)

    for _ in range(10):
        came = rate.Arrival(str(uuid.uuid4()), 1, 1, 1)
        rate.ARRIVALS.arrive(came)
        rate.LEASES.take(came)

    assert len(rate.ARRIVALS.at) <= 3
    assert len(rate.LEASES.left) <= 3


@pytest.fixture
def redis_only(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is there, and nobody waits: who comes too early is refused."""
    if not settings.CELERY_BROKER_URL:
        pytest.skip("there is no Redis here")
    monkeypatch.setattr(rate, "MOST_WAITING", 0)
    monkeypatch.setattr(rate.PATIENCE, "seconds", 0)


@pytest.mark.usefixtures("redis_only")
def test_far_from_the_limit_redis_is_asked_once_for_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate, "LEASE_SECONDS", 60)
    asked: list[rate.Arrival] = []
    arrive = rate.BREAKER.arrive

    def counting(came: rate.Arrival, unused: int) -> tuple[int, bool] | None:
        asked.append(came)
        return arrive(came, unused)

    monkeypatch.setattr(rate.BREAKER, "arrive", counting)
    assert admitted(uuid.uuid4(), 20) == 20

    assert len(asked) == 4  # a twentieth of the burst each time


@pytest.mark.usefixtures("redis_only")
def test_what_a_process_takes_and_does_not_use_is_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate, "LEASE_SECONDS", 0)

    assert admitted(uuid.uuid4(), 150) >= 100


@pytest.mark.usefixtures("redis_only")
def test_processes_have_one_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    organization, began = uuid.uuid4(), time.monotonic()
    done = 0
    processes = rate.Leases(), rate.Leases()
    for _ in range(50):
        for leases in processes:
            monkeypatch.setattr(rate, "LEASES", leases)
            done += admitted(organization, 3)

    assert 100 <= done <= 101 + (time.monotonic() - began) * 25


def test_redis_forgets_who_does_not_call(settings: Any) -> None:
    if not settings.CELERY_BROKER_URL:
        pytest.skip("there is no Redis here")
    organization = uuid.uuid4()
    admitted(organization, 3)

    key = f"scim-rate:{organization}"
    left = rate._redis().evaluate("return redis.call('PTTL', KEYS[1])", key)

    assert 0 < left <= 2000


@pytest.mark.usefixtures("place")
def test_the_answer_says_when_to_come_back(
    entra: Provisioning, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row I5."""
    settings.SCIM_RATE, settings.SCIM_BURST = 1, 3  # slow, as this machine may be
    monkeypatch.setattr(rate, "MOST_WAITING", 0)
    monkeypatch.setattr(rate.PATIENCE, "seconds", 0)
    answers = [entra.get(USERS, count=0) for _ in range(6)]

    refused = [each for each in answers if each.status == 429]
    assert refused
    assert {each.refusal for each in refused} == {(429, None, "CW-RATE-1")}
    assert {each.headers["Retry-After"] for each in refused} == {"1"}
    assert {each.status for each in answers} == {200, 429}


def test_each_operation_of_a_bulk_request_counts(
    entra: Provisioning, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = 1, 100
    monkeypatch.setattr(rate, "MOST_WAITING", 0)
    monkeypatch.setattr(rate.PATIENCE, "seconds", 0)
    gone = [{"method": "DELETE", "path": "/Users/x"}] * 60
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": gone,
    }

    assert entra.post("/scim/v2/Bulk", body).status == 200
    assert entra.post("/scim/v2/Bulk", body).refusal == (429, None, "CW-RATE-1")


def test_without_a_rate_nobody_is_counted(entra: Provisioning, settings: Any) -> None:
    settings.SCIM_RATE = 0

    assert {entra.get(USERS, count=0).status for _ in range(130)} == {200}


@pytest.mark.parametrize(
    ("broker", "address"),
    [
        ("redis://127.0.0.1:6379/1", "redis://127.0.0.1:6379/1"),
        ("rediss://u:p@redis.example", "rediss://u:p@redis.example"),
        (
            "redis+socket:///run/redis.sock?virtual_host=1",
            "unix:///run/redis.sock?virtual_host=1",
        ),
    ],
)
def test_a_broker_is_found_by_its_address(broker: str, address: str) -> None:
    assert rate.address(broker) == address
