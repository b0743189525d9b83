"""How many requests were refused in the last 24 hours, and why.

The last 24 hours are the present hour and the 23 before it, refused and accepted alike.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import ActorKind
from chatwork_admin.database.statements import fetch
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization.models import RefusalCount

WRITES = [action for action in Action if action.startswith(("user.", "group."))]
KEPT = timedelta(hours=48)
READ = "read "  # before the code of a read that found nobody: no failure, but an answer
ACCEPTED_TO_ONE_REFUSED = 9  # at most so many: a tenth has failed


def count_refusal(
    organization: Organization, code: str, *, is_answer: bool = False
) -> int:
    """Count one more; return how many this hour has had for this reason.

    `is_answer`: that a read found nobody; it is counted by itself, and no failure.
    """
    counted_as = f"{READ}{code}" if is_answer else code
    counted = fetch(COUNT_ONE_MORE, [organization.pk, _this_hour(), counted_as])
    return int(counted[0]) if counted else 0


def refused_lately(organization: Organization) -> Counter[str]:
    """Return the number of refusals for each code; reads what is prefetched."""
    since, refused = _first_hour(), Counter[str]()
    for row in organization.refusal_counts.all():
        if row.hour >= since and not row.code.startswith(READ):
            refused[row.code] += row.count
    return refused


def is_failing(organization: Organization, refused: Counter[str]) -> bool:
    """Say whether `refused_lately` comes to a tenth of the writes, or more."""
    if not refused:
        return False
    most = refused.total() * ACCEPTED_TO_ONE_REFUSED
    return _accepted_lately(organization, stop_after=most + 1) <= most


def forget_old_counts() -> int:
    """Delete the counts that nobody asks for any more; return how many."""
    before = timezone.now() - KEPT
    deleted, _ = RefusalCount.objects.filter(hour__lt=before).delete()
    return deleted


def _accepted_lately(organization: Organization, *, stop_after: int) -> int:
    """Count from the index: an event's id says when it was."""
    events = AuditEvent.objects.filter(
        organization_id=organization.pk,
        action__in=WRITES,
        id__gte=first_id_at(_first_hour()),
        actor__kind=ActorKind.PROVISIONING_CLIENT,
    )
    return events[:stop_after].count()


def _first_hour() -> datetime:
    return _this_hour() - timedelta(hours=23)


def _this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


COUNT_ONE_MORE = """
    INSERT INTO synchronization_refusalcount AS counted
        (organization_id, hour, code, count)
    VALUES (%s, %s, %s, 1)
    ON CONFLICT (organization_id, hour, code) DO UPDATE SET count = counted.count + 1
    RETURNING count
"""
