from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from kombu.exceptions import OperationalError as BrokerUnavailable

from chatwork_admin.audit.management.commands import audit_relay
from chatwork_admin.audit.work import Work, all_work

WAITING = [uuid.uuid4(), uuid.uuid4()]
done: list[str] = []


@shared_task
def note(waiting: str) -> None:
    done.append(waiting)


def kick() -> list[uuid.UUID]:
    return WAITING


WORK = Work(kick, note)


@pytest.fixture(autouse=True)
def one_work(settings: Any) -> Iterator[None]:
    settings.RELAYED_WORK = [f"{__name__}.WORK"]
    all_work.cache_clear()
    yield
    all_work.cache_clear()
    done.clear()


def test_without_redis_the_relay_does_the_work_itself(settings: Any) -> None:
    settings.CELERY_BROKER_URL = ""

    audit_relay.relay()

    assert done == [str(each) for each in WAITING]


def test_while_redis_is_down_the_relay_does_the_work_itself(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_there(*_: object, **__: object) -> None:
        raise BrokerUnavailable

    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(note, "apply_async", nobody_there)

    audit_relay.relay()

    assert done == [str(each) for each in WAITING]


def test_with_redis_a_worker_is_told_and_the_relay_goes_on(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[object, object]] = []
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(
        note, "apply_async", lambda words, expires: told.append((words, expires))
    )

    audit_relay.relay()

    assert told == [((str(each),), 10) for each in WAITING]
    assert done == []
