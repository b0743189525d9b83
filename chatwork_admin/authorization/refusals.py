"""Wrong secrets and assertions of clients: recorded, but not without end.

Nobody guesses 256 random bits or signs with a key of others, so there is nothing to slow
down, and nobody is locked out by what others do wrong. The answer is the same each time
(401, row B22): another one would tell a client whose secret has ended to try it again.
What is limited is what is written: ten of each client and kind within an hour. What is
recorded is what is counted, so a few more are when they come at the same moment.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import (
    INSTALLATION,
    SYSTEM,
    Actor,
    Target,
    record,
)
from chatwork_admin.authorization.registrations import Registration
from chatwork_admin.identifiers import first_id_at

MOST = 10
PERIOD = timedelta(hours=1)


def note(
    client: Registration,
    action: Action,
    *,
    actor: Actor,
    context: Mapping[str, object] | None = None,
) -> None:
    """Record that somebody said he was this client, and was not.

    Nobody knows who it was: of `actor` the request counts, and where it came from. The
    gallery's client is of no organization: support staff see it.
    """
    organization_id = client.row.organization_id if client.row else INSTALLATION
    if _recorded_lately(organization_id, client, action) < MOST:
        record(
            action,
            organization_id=organization_id,
            actor=replace(SYSTEM, reference=actor.reference, address=actor.address),
            target=Target("client", client.client_id, client.name),
            context=context,
        )


def _recorded_lately(
    organization_id: uuid.UUID, client: Registration, action: Action
) -> int:
    """Return how many, up to `MOST`."""
    events = AuditEvent.objects.filter(
        organization_id=organization_id,
        action=action,
        id__gte=first_id_at(timezone.now() - PERIOD),
        target__id=client.client_id,
    )
    return events[:MOST].count()
