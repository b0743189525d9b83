"""How user synchronization is doing, in one word an administrator can act on."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.consent import confirmed_notices
from chatwork_admin.synchronization.failures import is_failing, refused_lately
from chatwork_admin.synchronization.models import UserSynchronization
from chatwork_admin.synchronization.notices import KEYS

CYCLE = timedelta(minutes=40)  # Entra, "How application provisioning works"
SILENCE = 3 * CYCLE
CONTACT_PRECISION = timedelta(minutes=1)

State = UserSynchronization.State


class PageState(StrEnum):
    """What the User Synchronization page is about right now."""

    NOT_IN_PLAN = "not-in-plan"
    PLAN_LAPSED = "plan-lapsed"
    NO_RIGHT = "no-right"
    SETUP = "setup"
    PAUSED = "paused"
    ENABLED_WAITING = "enabled-waiting"
    DELAYED = "delayed"
    FAILING = "failing"
    HEALTHY = "healthy"


def page_state(
    organization: Organization, person: User, synchronization: UserSynchronization
) -> PageState:
    is_on = synchronization.state != State.OFF
    if not organization.plan_includes_synchronization:
        return PageState.PLAN_LAPSED if is_on else PageState.NOT_IN_PLAN
    if not is_on:
        return PageState.SETUP if person.is_administrator else PageState.NO_RIGHT
    if synchronization.state == State.PAUSED:
        return PageState.PAUSED
    return _going(organization, synchronization.last_contact_at)


def notices_changed(
    organization: Organization, synchronization: UserSynchronization
) -> bool:
    """Whether notes have newer words than those confirmed, while the gate is open."""
    is_on = synchronization.state != State.OFF
    return is_on and confirmed_notices(organization) != KEYS


def next_contact(synchronization: UserSynchronization) -> datetime | None:
    """Return when the next cycle is due, if one was ever seen."""
    last = synchronization.last_contact_at
    return last + CYCLE if last else None


def note_contact(
    synchronization: UserSynchronization, *, is_connection_test: bool = False
) -> None:
    """Remember that a provisioning client was here, to the minute: most write nothing."""
    now = timezone.now()
    before = now - CONTACT_PRECISION
    rows = UserSynchronization.objects.filter(pk=synchronization.pk)
    if is_connection_test and _was(synchronization.test_seen_at, before):
        rows.update(test_seen_at=now)
    if _was(synchronization.last_contact_at, before):
        stale = Q(last_contact_at=None) | Q(last_contact_at__lt=before)
        rows.filter(stale).update(last_contact_at=now)
        rows.filter(first_contact_at=None).update(first_contact_at=now)


def _was(instant: datetime | None, before: datetime) -> bool:
    return instant is None or instant <= before


def _going(organization: Organization, last_contact_at: datetime | None) -> PageState:
    if last_contact_at is None:
        return PageState.ENABLED_WAITING
    # Who is silent sends no writes: what failed before is the older news.
    if timezone.now() - last_contact_at > SILENCE:
        return PageState.DELAYED
    if is_failing(organization, refused_lately(organization)):
        return PageState.FAILING
    return PageState.HEALTHY
