"""Who was a user manager until provisioning said that they are somebody else, perhaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.user_managers import Loss

SHOWN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LostRight:
    """Whose right is lost, since when, and by what."""

    person: User
    since: datetime
    why: Loss


def lost_rights(organization: Organization) -> list[LostRight]:
    """Return who has lost it within two weeks and is a member still, the latest first.

    The administrator, who takes a right back, knows it.
    """
    events = AuditEvent.objects.filter(
        organization_id=organization.pk,
        action=Action.USER_MANAGER_DISMISSED,
        occurred_at__gt=timezone.now() - SHOWN,
    )
    last = {event.target["id"]: event for event in events.order_by("pk")}
    lost = {pk: event for pk, event in last.items() if "why" in event.context}
    if not lost:
        return []
    members = organization.users.present().filter(role=User.Role.MEMBER)
    found = [
        _of(person, lost[str(person.pk)]) for person in members.filter(pk__in=lost)
    ]
    return sorted(found, key=lambda each: each.since, reverse=True)


def _of(person: User, event: AuditEvent) -> LostRight:
    return LostRight(person, event.occurred_at, Loss(event.context["why"]))
