from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit import delivery
from chatwork_admin.audit.channels import Channel, DeliveryFailed
from chatwork_admin.audit.models import AuditDelivery, AuditEvent, AuditSink
from chatwork_admin.organizations.models import Organization
from tests.audit.test_recording import record_something

Sender = Callable[[AuditEvent], None]
ATTEMPTS = 20


@pytest.fixture
def sink(acme: Organization) -> AuditSink:
    AuditDelivery.objects.all().delete()  # what the founding owed
    return AuditSink.objects.get(organization_id=acme.pk, kind="log")


@pytest.fixture
def events(acme: Organization, sink: AuditSink) -> list[AuditEvent]:
    return [record_something(acme) for _ in range(3)]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sender], None]:
    """Put a receiver of the test's own behind the log sink."""

    def install(sender: Sender) -> None:
        channel = Channel(lambda event, received: sender(event), attempts=ATTEMPTS)
        monkeypatch.setattr(delivery, "channel_of", lambda kind: channel)

    return install


def pending() -> int:
    return AuditDelivery.objects.filter(state="pending").count()


def test_drained_is_delivered_in_order_and_nothing_is_left(
    sink: AuditSink, events: list[AuditEvent], receiver: Callable[[Sender], None]
) -> None:
    got: list[AuditEvent] = []
    receiver(got.append)

    assert delivery.drain(sink.pk) == 3
    assert got == events
    assert pending() == 0
    assert delivery.drain(sink.pk) == 0


def test_the_log_names_ids_and_no_personal_data(
    sink: AuditSink, events: list[AuditEvent], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "chatwork_admin.audit"):
        delivery.drain(sink.pk)

    lines = [record.__dict__ for record in caplog.records]
    assert [line["event_id"] for line in lines] == [str(event.pk) for event in events]
    assert lines[0]["target"] == "user:42"
    assert "bob@acme.test" not in json.dumps(lines, default=str)


def test_a_sink_with_work_is_kicked_once_until_the_kick_is_old(
    sink: AuditSink, events: list[AuditEvent]
) -> None:
    assert delivery.kick_sinks() == [sink.pk]
    assert delivery.kick_sinks() == []

    AuditSink.objects.update(kick_until=timezone.now() - timedelta(seconds=1))
    assert delivery.kick_sinks() == [sink.pk]


def test_a_sink_without_work_is_left_alone(sink: AuditSink) -> None:
    assert delivery.kick_sinks() == []


def test_a_leased_sink_is_neither_kicked_nor_drained_by_another(
    sink: AuditSink, events: list[AuditEvent]
) -> None:
    AuditSink.objects.update(
        lease=uuid.uuid4(), lease_until=timezone.now() + timedelta(seconds=5)
    )

    assert delivery.kick_sinks() == []
    assert delivery.drain(sink.pk) == 0
    assert pending() == 3


def test_a_lease_that_a_killed_worker_left_runs_out(
    sink: AuditSink, events: list[AuditEvent]
) -> None:
    AuditSink.objects.update(
        lease=uuid.uuid4(), lease_until=timezone.now() - timedelta(seconds=1)
    )

    assert delivery.drain(sink.pk) == 3


def test_a_worker_that_lost_its_lease_stops_sending(
    sink: AuditSink, events: list[AuditEvent], receiver: Callable[[Sender], None]
) -> None:
    got: list[AuditEvent] = []

    def somebody_takes_over(event: AuditEvent) -> None:
        got.append(event)
        AuditSink.objects.update(lease=uuid.uuid4())

    receiver(somebody_takes_over)
    delivery.drain(sink.pk)

    assert got == events[:1]


def test_a_failing_receiver_is_left_in_peace_for_longer_each_time(
    sink: AuditSink, events: list[AuditEvent], receiver: Callable[[Sender], None]
) -> None:
    def fail(_: AuditEvent) -> None:
        raise DeliveryFailed("503")

    receiver(fail)
    rests = []
    for _ in range(4):
        AuditSink.objects.update(not_before=None)
        before = timezone.now()
        delivery.drain(sink.pk)
        sink.refresh_from_db()
        assert sink.not_before is not None
        rests.append((sink.not_before - before).total_seconds())

    assert rests == sorted(rests)
    assert rests[-1] > 1
    assert pending() == 3
    assert delivery.kick_sinks() == []
    assert AuditDelivery.objects.order_by("event_id")[0].last_error == "503"


def test_a_poison_event_is_given_up_and_the_others_pass(
    sink: AuditSink, events: list[AuditEvent], receiver: Callable[[Sender], None]
) -> None:
    got: list[AuditEvent] = []

    def refuse_the_first(event: AuditEvent) -> None:
        if event == events[0]:
            raise DeliveryFailed("400")
        got.append(event)

    receiver(refuse_the_first)
    for _ in range(ATTEMPTS + 1):
        AuditSink.objects.update(not_before=None)
        delivery.drain(sink.pk)

    assert got == events[1:]
    assert AuditDelivery.objects.get().state == "dead"
    sink.refresh_from_db()
    assert sink.failures == 0


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_sending_and_noting_repeats_one_event_with_its_id(
    sink: AuditSink, events: list[AuditEvent], receiver: Callable[[Sender], None]
) -> None:
    got: list[uuid.UUID] = []

    class Killed(BaseException):
        pass

    def killed_after_the_second(event: AuditEvent) -> None:
        got.append(event.pk)
        if len(got) == 2:
            raise Killed

    receiver(killed_after_the_second)
    with pytest.raises(Killed):
        delivery.drain(sink.pk)
    receiver(lambda event: got.append(event.pk))
    with transaction.atomic():
        delivery.drain(sink.pk)

    first, second, third = (event.pk for event in events)
    assert got == [first, second, second, third]


def test_the_backlog_is_counted(sink: AuditSink, events: list[AuditEvent]) -> None:
    assert delivery.backlog() == 3


def test_receivers_that_have_the_event_are_remembered_for_the_next_attempt(
    sink: AuditSink, acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_something(acme)
    seen: list[frozenset[str]] = []

    def reach_one_more(_: AuditEvent, received: frozenset[str]) -> None:
        seen.append(received)
        if len(received) < 2:
            raise DeliveryFailed("busy", received | {f"receiver {len(received)}"})

    channel = Channel(reach_one_more)
    monkeypatch.setattr(delivery, "channel_of", lambda kind: channel)
    for _ in range(3):
        AuditSink.objects.update(not_before=None)
        delivery.drain(sink.pk)

    assert seen == [
        frozenset(),
        frozenset({"receiver 0"}),
        frozenset({"receiver 0", "receiver 1"}),
    ]
    assert pending() == 0
