"""How each kind of sink is served; `AUDIT_CHANNELS` names who does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from chatwork_admin.audit.models import AuditEvent


class DeliveryFailed(Exception):
    """Not everybody took the event; its text is safe to store.

    `received` names those who have it, now or since an earlier attempt.
    """

    def __init__(self, reason: str, received: frozenset[str] = frozenset()) -> None:
        super().__init__(reason)
        self.received = received


@dataclass(frozen=True, slots=True)
class Channel:
    """`send` takes an event, and the names of receivers that have it already.

    It raises DeliveryFailed for another attempt later, `attempts` times in all. It
    should be done within the `lease`: then another worker takes over.
    """

    send: Callable[[AuditEvent, frozenset[str]], None]
    lease: timedelta = timedelta(seconds=12)
    attempts: int = 20


@cache
def channel_of(kind: str) -> Channel:
    channel: Channel = import_string(settings.AUDIT_CHANNELS[kind])
    return channel


def was_told_lately(event: AuditEvent, once_in: Mapping[str, timedelta]) -> bool:
    """Say whether one of the same kind was told of the same target within that time."""
    period = once_in.get(event.action)
    if period is None:
        return False
    earlier = AuditEvent.objects.filter(
        organization_id=event.organization_id, action=event.action, id__lt=event.pk
    )
    lately = earlier.filter(occurred_at__gt=event.occurred_at - period)
    return lately.filter(target__id=event.target["id"]).exists()
