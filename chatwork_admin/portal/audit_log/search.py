"""Events that say a text: read from the latest on, and never more than so many at once.

No index finds a part of a label, and one that did would cost every write of the
provisioning client. So a search costs the same in a log of any length: it says how far
back it has looked, and goes on from there when it is asked to.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from chatwork_admin.audit.models import AuditEvent

LOOKED_THROUGH = 20_000  # events


@dataclass(frozen=True, slots=True)
class Search:
    """What was found; `goes_on` names the event to go on from, `back_to` its time."""

    found: QuerySet[AuditEvent]
    goes_on: uuid.UUID | None = None
    back_to: datetime | None = None


def search(events: QuerySet[AuditEvent], text: str, start: str = "") -> Search:
    """Look through `events` from `start`, the id of an event, or from the latest."""
    if from_id := _id_in(start):
        events = events.filter(pk__lte=from_id)
    ids = events.order_by("-pk").values_list("pk", "occurred_at")
    rest = ids[LOOKED_THROUGH : LOOKED_THROUGH + 1]
    said = (
        Q(actor__label__icontains=text)
        | Q(target__label__icontains=text)
        | Q(reference__iexact=text)
    )
    for next_id, instant in rest:
        return Search(events.filter(said, pk__gt=next_id), next_id, instant)
    return Search(events.filter(said))


def _id_in(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
