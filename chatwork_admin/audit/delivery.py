"""Drain the outbox: one worker at a time for each sink, under a lease.

A message to a worker says only "this sink has work"; losing, repeating or delaying it
is harmless, because the rows are the truth.
"""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from chatwork_admin.audit.channels import DeliveryFailed, channel_of
from chatwork_admin.audit.models import AuditDelivery, AuditSink

KICK = timedelta(seconds=5)
BUDGET = 8.0  # seconds a worker stays with one sink, so that others get their turn
BATCH = 50
SINKS_PER_ROUND = 200
LONGEST_REST = timedelta(minutes=15)


def kick_sinks() -> list[uuid.UUID]:
    """Return the sinks that have work and nobody at it, and note that they were told."""
    now = timezone.now()
    pending = AuditDelivery.objects.filter(state=AuditDelivery.State.PENDING)
    with transaction.atomic():
        waiting = (
            AuditSink.objects.filter(
                Q(kick_until=None) | Q(kick_until__lt=now), is_enabled=True
            )
            .filter(Q(lease_until=None) | Q(lease_until__lt=now))
            .filter(Q(not_before=None) | Q(not_before__lte=now))
            .filter(pk__in=pending.values("sink"))
            .order_by(F("kick_until").asc(nulls_first=True))
            .select_for_update(skip_locked=True)
        )
        ids = [sink.pk for sink in waiting[:SINKS_PER_ROUND]]
        AuditSink.objects.filter(pk__in=ids).update(kick_until=now + KICK)
    return ids


def drain(sink_id: uuid.UUID) -> int:
    """Send what a sink is owed, oldest first; return how many events it took.

    Each event at least once: a crash between sending and deleting repeats one event,
    with the same id. Does nothing when another worker holds the lease.
    """
    lease = uuid.uuid4()
    sink = _take_lease(sink_id, lease)
    if sink is None:
        return 0
    deadline = time.monotonic() + BUDGET
    sent = 0
    try:
        while batch := _next_deliveries(sink):
            for delivery in batch:
                if time.monotonic() > deadline or not _renew(sink, lease):
                    return sent
                if not _deliver(sink, delivery):
                    return sent
                sent += 1
    finally:
        AuditSink.objects.filter(pk=sink_id, lease=lease).update(
            lease=None, lease_until=None, kick_until=None
        )
    return sent


def _take_lease(sink_id: uuid.UUID, lease: uuid.UUID) -> AuditSink | None:
    now = timezone.now()
    sink = AuditSink.objects.filter(pk=sink_id, is_enabled=True).first()
    if sink is None:
        return None
    taken = (
        AuditSink.objects.filter(pk=sink_id, is_enabled=True)
        .filter(Q(lease_until=None) | Q(lease_until__lt=now))
        .filter(Q(not_before=None) | Q(not_before__lte=now))
        .update(lease=lease, lease_until=now + channel_of(sink.kind).lease)
    )
    return sink if taken else None


def _renew(sink: AuditSink, lease: uuid.UUID) -> bool:
    until = timezone.now() + channel_of(sink.kind).lease
    mine = AuditSink.objects.filter(pk=sink.pk, lease=lease)
    return bool(mine.update(lease_until=until))


def _next_deliveries(sink: AuditSink) -> list[AuditDelivery]:
    pending = AuditDelivery.objects.filter(
        sink=sink, state=AuditDelivery.State.PENDING
    ).select_related("event")
    return list(pending.order_by("event_id")[:BATCH])


def _deliver(sink: AuditSink, delivery: AuditDelivery) -> bool:
    try:
        channel_of(sink.kind).send(delivery.event, frozenset(delivery.received))
    except DeliveryFailed as failure:
        _note_failure(sink, delivery, failure)
        return False
    delivery.delete()
    if sink.failures:
        AuditSink.objects.filter(pk=sink.pk).update(failures=0, not_before=None)
        sink.failures = 0
    return True


def _note_failure(
    sink: AuditSink, delivery: AuditDelivery, failure: DeliveryFailed
) -> None:
    """Rest longer after each failure; after the last attempt, let the others pass."""
    rest = min(timedelta(seconds=0.2) * 2 ** min(sink.failures, 20), LONGEST_REST)
    AuditSink.objects.filter(pk=sink.pk).update(
        failures=F("failures") + 1, not_before=timezone.now() + rest
    )
    delivery.attempts += 1
    delivery.last_error = str(failure)[:200]
    delivery.received = sorted(failure.received)
    if delivery.attempts >= channel_of(sink.kind).attempts:
        delivery.state = AuditDelivery.State.DEAD
    delivery.save(update_fields=["attempts", "last_error", "received", "state"])


def backlog() -> int:
    """Return how many deliveries wait, counted no further than 10,000."""
    pending = AuditDelivery.objects.filter(state=AuditDelivery.State.PENDING)
    return len(pending.values_list("pk")[:10_000])
