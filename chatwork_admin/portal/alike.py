"""Refusals that are alike as one, so that whoever repeats them hides nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.mentioned import names_in

Counts = Mapping[tuple[datetime, str], int]


@dataclass(frozen=True, slots=True)
class Alike:
    """An event, and the others of that hour that are like it; most have none.

    `times`: how often it happened, also where the log stopped before the end. `names`
    says how they are called whom it mentions by id.
    """

    event: AuditEvent
    others: list[AuditEvent]
    times: int
    names: Mapping[str, str]


def folded(organization: Organization, events: Iterable[AuditEvent]) -> list[Alike]:
    """Fold what was refused for one reason in one hour, and named nobody or one name."""
    found: dict[object, list[AuditEvent]] = {}
    events = list(events)
    for event in events:
        key = _key(event) if _is_of_strangers(event) else event.pk
        found.setdefault(key, []).append(event)
    counted, names = _counted(organization), names_in(organization, events)
    return [
        Alike(first, others, _times(first, len(others) + 1, counted), names)
        for first, *others in found.values()
    ]


def _is_of_strangers(event: AuditEvent) -> bool:
    is_refusal = event.action in {Action.SIGN_IN_FAILED, Action.LOGOUT_REFUSED}
    return is_refusal and event.target["kind"] == "organization"


def _key(event: AuditEvent) -> tuple[object, ...]:
    return event.action, *_hour_and_code(event), event.context.get("name", "")


def _times(event: AuditEvent, recorded: int, counted: Counts) -> int:
    """Of names, the log has each; of what names nobody, so many an hour."""
    if not _is_of_strangers(event) or "name" in event.context:
        return recorded
    return max(recorded, counted.get(_hour_and_code(event), 0))


def _hour_and_code(event: AuditEvent) -> tuple[datetime, str]:
    hour = event.occurred_at.replace(minute=0, second=0, microsecond=0)
    return hour, str(event.context.get("code", ""))


def _counted(organization: Organization) -> Counts:
    counted = organization.sign_in_rejection_counts.all()
    return {(each.hour, each.reason): each.count for each in counted}
