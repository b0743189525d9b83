"""How user synchronization is doing: the figures of the status panel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.health import (
    PageState,
    next_contact,
    notices_changed,
    page_state,
)
from chatwork_admin.synchronization.models import UserSynchronization


@dataclass(frozen=True, slots=True)
class Word:
    """A state in one word; `kind` is ok, warn, bad, info or quiet."""

    kind: str
    text: Promise


@dataclass(frozen=True, slots=True)
class Status:
    state: PageState
    word: Word
    synchronization: UserSynchronization
    next_contact: datetime | None
    notices_changed: bool
    linked: int
    not_linked: int
    teams: int
    refused: int


def status_of(
    organization: Organization, person: User, synchronization: UserSynchronization
) -> Status:
    state = page_state(organization, person, synchronization)
    present = organization.users.present()
    linked = present.exclude(linked_at=None).count()
    return Status(
        state=state,
        word=WORDS[state],
        synchronization=synchronization,
        next_contact=next_contact(synchronization),
        notices_changed=notices_changed(organization, synchronization),
        linked=linked,
        not_linked=present.count() - linked,
        teams=organization.groups.count(),
        refused=_refused_lately(organization),
    )


def scim_address() -> str:
    """Return what Entra ID calls the Tenant URL."""
    return f"{settings.BASE_URL}/scim/v2"


def _refused_lately(organization: Organization) -> int:
    refused = AuditEvent.objects.filter(
        organization_id=organization.pk, action=Action.REQUEST_REFUSED
    )
    return refused.filter(occurred_at__gte=timezone.now() - timedelta(days=1)).count()


WORDS = {
    PageState.NOT_IN_PLAN: Word("quiet", _("Not in the plan")),
    PageState.PLAN_LAPSED: Word("bad", _("Plan ended")),
    PageState.NO_RIGHT: Word("quiet", _("Not enabled")),
    PageState.SETUP: Word("quiet", _("Not enabled")),
    PageState.PAUSED: Word("quiet", _("Paused")),
    PageState.ENABLED_WAITING: Word("info", _("Waiting for the first contact")),
    PageState.DELAYED: Word("warn", _("Delayed")),
    PageState.HEALTHY: Word("ok", _("Healthy")),
}
