"""What support staff look at, for the customer to see: once an hour for each thing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.authorization.models import AccessToken, Grant, OAuthClient
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.organizations.founding import target_of
from chatwork_admin.organizations.models import Group, Organization, User

PERIOD = timedelta(hours=1)
KINDS: dict[type[Model], str] = {
    User: "user",
    Group: "group",
    OAuthClient: "client",
    Grant: "grant",
    AccessToken: "token",
}


@transaction.atomic
def note(row: Any, *, actor: Actor) -> None:
    """Record that somebody of the staff has opened the page of a row.

    What customers have no name for is a part of their organization. Rows of none, and of
    one that is no more, are nobody's to hear of.
    """
    key = row.pk if isinstance(row, Organization) else row.organization_id
    organization = Organization.objects.filter(pk=key).first()
    if organization is None:
        return
    kind = KINDS.get(type(row))
    target = Target(kind, str(row.pk), str(row)) if kind else target_of(organization)
    if not _was_noted(organization, actor, target):
        record(
            Action.SUPPORT_VIEWED,
            organization_id=organization.pk,
            actor=actor,
            target=target,
        )


def _was_noted(organization: Organization, actor: Actor, target: Target) -> bool:
    lately = AuditEvent.objects.filter(
        organization_id=organization.pk,
        action=Action.SUPPORT_VIEWED,
        pk__gte=first_id_at(timezone.now() - PERIOD),
    )
    return lately.filter(actor__id=actor.id, target__id=target.id).exists()
