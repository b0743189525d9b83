"""What a provisioning client sends and means nothing here: ignored, and said once a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import Actor, record
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.organizations.founding import target_of
from chatwork_admin.organizations.models import Organization

TOLD_FOR = timedelta(days=1)
MOST_PER_DAY = 50
MOST_NAMES = 10
NAME_LENGTH = 80


def note(organization: Organization, names: Collection[str], *, actor: Actor) -> None:
    """Record the names of attributes that were ignored, each once a day at most.

    It goes with what else the request changes: if that is refused, so is this.
    """
    # Without the filter of a path, which may say an address.
    bare = {name.partition("[")[0][:NAME_LENGTH] for name in names}
    told = AuditEvent.objects.filter(
        organization_id=organization.pk,
        action=Action.ATTRIBUTES_IGNORED,
        id__gte=first_id_at(timezone.now() - TOLD_FOR),
    ).values_list("context__ignored", flat=True)
    known = list(told[:MOST_PER_DAY])
    new = sorted(bare.difference(*known))[:MOST_NAMES]
    if not new or len(known) == MOST_PER_DAY:
        return
    record(
        Action.ATTRIBUTES_IGNORED,
        organization_id=organization.pk,
        actor=actor,
        target=target_of(organization),
        context={"ignored": new},
    )
