"""In which state an organization is, why, and what to tell the customer."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.health import PageState, page_state
from chatwork_admin.synchronization.models import UserSynchronization

# Staff see what the organization's administrator sees.
ADMINISTRATOR = User(role=User.Role.ADMINISTRATOR)


class Word(NamedTuple):
    word: Promise
    meaning: Promise


WORDS = {
    PageState.NOT_IN_PLAN: Word(
        _("Not in the plan"),
        _("The contract does not include user synchronization."),
    ),
    PageState.PLAN_LAPSED: Word(
        _("Plan ended"),
        _(
            "User synchronization was on when the contract ended. Provisioning requests "
            "are refused until the plan includes it again."
        ),
    ),
    PageState.SETUP: Word(
        _("Not enabled"),
        _(
            "The organization administrator has not enabled it yet, or has disabled it. "
            "Provisioning requests are refused."
        ),
    ),
    PageState.PAUSED: Word(
        _("Paused"),
        _(
            "Entra ID is asked to come back later. Nothing is lost; resume within days, "
            "before Entra ID puts the job into quarantine."
        ),
    ),
    PageState.ENABLED_WAITING: Word(
        _("Waiting for first contact"),
        _(
            "Enabled, but Entra ID was never here. The customer has not finished the "
            "provisioning settings: ask for the result of Test Connection."
        ),
    ),
    PageState.DELAYED: Word(
        _("Silent"),
        _(
            "Nothing heard for more than three cycles. Provisioning in Entra ID may be "
            "stopped or in quarantine: ask for its status there."
        ),
    ),
    PageState.FAILING: Word(
        _("Failing"),
        _(
            "A tenth or more of the writes of the last 24 hours were refused. The codes "
            "are in the audit log, and on the customer's page with what to do."
        ),
    ),
    PageState.HEALTHY: Word(_("Healthy"), _("Entra ID was here in the last cycles.")),
}


def word_for(organization: Organization) -> Word:
    state = page_state(organization, ADMINISTRATOR, synchronization_of(organization))
    return WORDS[state]


def synchronization_of(organization: Organization) -> UserSynchronization:
    """Return what `select_related` has already read; "off" where there is nothing."""
    stored = getattr(organization, "user_synchronization", None)
    return stored or UserSynchronization(organization=organization)
