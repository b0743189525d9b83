"""How user synchronization is doing: the figures of the status panel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.help.error_codes import BY_CODE
from chatwork_admin.synchronization.failures import refused_lately
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
class Reason:
    """Why so many writes were refused; `situation` explains the code."""

    code: str
    situation: Promise | str
    count: int


@dataclass(frozen=True, slots=True)
class Status:
    """`reasons` are the most frequent of the refused writes, `next_contact` is a guess."""

    state: PageState
    word: Word
    synchronization: UserSynchronization
    next_contact: datetime | None
    notices_changed: bool
    linked: int
    not_linked: int
    teams: int
    refused: int
    reasons: list[Reason]


def status_of(
    organization: Organization, person: User, synchronization: UserSynchronization
) -> Status:
    state = page_state(organization, person, synchronization)
    population = organization.user_count()
    refused = refused_lately(organization)
    return Status(
        state=state,
        word=WORDS[state],
        synchronization=synchronization,
        next_contact=next_contact(synchronization) if state in CALLING else None,
        notices_changed=notices_changed(organization, synchronization),
        linked=population.linked,
        not_linked=population.present - population.linked,
        teams=organization.groups.count(),
        refused=refused.total(),
        reasons=_reasons(refused),
    )


def scim_address() -> str:
    """Return what Entra ID calls the Tenant URL."""
    return f"{settings.BASE_URL}/scim/v2"


def _reasons(refused: Counter[str]) -> list[Reason]:
    most = sorted(refused.items(), key=lambda each: (-each[1], each[0]))
    return [
        Reason(code, BY_CODE[code].situation if code in BY_CODE else "", count)
        for code, count in most[:REASONS]
    ]


REASONS = 3  # an administrator mends the greatest first
CALLING = {PageState.FAILING, PageState.HEALTHY}
WORDS = {
    PageState.NOT_IN_PLAN: Word("quiet", _("Not in the plan")),
    PageState.PLAN_LAPSED: Word("bad", _("Plan ended")),
    PageState.NO_RIGHT: Word("quiet", _("Not enabled")),
    PageState.SETUP: Word("quiet", _("Not enabled")),
    PageState.PAUSED: Word("quiet", _("Paused")),
    PageState.ENABLED_WAITING: Word("info", _("Waiting for the first contact")),
    PageState.DELAYED: Word("warn", _("Delayed")),
    PageState.FAILING: Word("bad", _("Failing")),
    PageState.HEALTHY: Word("ok", _("Healthy")),
}
