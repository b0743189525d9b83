"""Wrong secrets and assertions of clients: recorded, but not without end.

Nobody guesses 256 random bits or signs with a key of others, and what is right is always
taken: nobody is locked out by what others do wrong. What is limited is what it costs us.
Ten of each client and kind within an hour are recorded; then the answer is to slow down,
and nothing is written. What is recorded is what is counted, so a few more are when they
come at the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import INSTALLATION, Actor, Target, record
from chatwork_admin.authorization.registrations import Registration
from chatwork_admin.identifiers import first_id_at

MOST = 10
PERIOD = timedelta(hours=1)


class TooMany(Exception):
    """This client has failed too often; `seconds` later it may fail again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(self.__doc__)
        self.seconds = seconds


def note(
    client: Registration,
    action: Action,
    *,
    actor: Actor,
    context: Mapping[str, object] | None = None,
) -> None:
    """Record that somebody said he was this client, and was not. Raises TooMany.

    The gallery's client is of no organization: support staff see it.
    """
    organization_id = client.row.organization_id if client.row else INSTALLATION
    now = timezone.now()
    events = AuditEvent.objects.filter(
        organization_id=organization_id,
        action=action,
        id__gte=first_id_at(now - PERIOD),
        target__id=client.client_id,
    )
    lately = [*events.order_by("-id").values_list("occurred_at", flat=True)[:MOST]]
    if len(lately) == MOST:
        left = lately[-1] + PERIOD - now
        raise TooMany(max(1, round(left.total_seconds())))
    record(
        action,
        organization_id=organization_id,
        actor=actor,
        target=Target("client", client.client_id, client.name),
        context=context,
    )
