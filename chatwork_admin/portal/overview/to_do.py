"""What needs the administrator, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.proofs import second_factor
from chatwork_admin.portal.certificate_warnings import proposal_of
from chatwork_admin.portal.connection.reminders import reminders_of
from chatwork_admin.portal.people.lost_rights import lost_rights
from chatwork_admin.portal.signing_in.emergency import Emergency
from chatwork_admin.portal.synchronization.readiness import (
    EXPIRY_WARNING_DAYS,
    Licences,
)
from chatwork_admin.portal.synchronization.status import Status
from chatwork_admin.synchronization.health import PageState
from saml_sso.models import IdentityProvider, TrustedCertificate


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do; `kind` is bad, warn or info; `url_name` leads to where."""

    kind: str
    text: Promise | str
    button: Promise
    url_name: str


def of_sign_in(
    provider: IdentityProvider | None,
    certificate: TrustedCertificate | None,
    emergency: Emergency,
) -> list[Task]:
    """Return what signing in by SAML, and around it, needs."""
    soon = timezone.now() + timedelta(days=EXPIRY_WARNING_DAYS)
    found = {
        CERTIFICATE_GONE: provider is not None and certificate is None,
        BYPASS_USED: emergency.was_used,
        NO_WAY_AROUND: emergency.is_missing,
        CERTIFICATE_ENDS: certificate is not None and certificate.not_after < soon,
        PROPOSED: provider is not None and proposal_of(provider) is not None,
        NO_ESCAPE: emergency.is_unproven and not emergency.is_missing,
        FEW_CODES: emergency.has_few_codes,
        METADATA_PROBLEM: provider is not None and bool(provider.metadata_problem),
        NOT_TESTED: provider is not None and not provider.is_tested,
        NO_SAML: provider is None,
    }
    return _due(found)


def of_synchronization(status: Status, licences: Licences) -> list[Task]:
    state = status.state
    found = {
        PLAN_ENDED: state == PageState.PLAN_LAPSED,
        REFUSALS: state == PageState.FAILING,
        SILENCE: state == PageState.DELAYED,
        NO_LICENCE: not licences.left,
        NEW_NOTES: status.notices_changed,
        PAUSED: state == PageState.PAUSED,
        NOT_ENABLED: state == PageState.SETUP,
        NO_CONTACT: state == PageState.ENABLED_WAITING,
    }
    return _due(found)


def of_connection(organization: Organization) -> list[Task]:
    """Return what the Connection page reminds of, without what has time."""
    return [
        Task(each.kind, each.text, SEE_CONNECTION, "portal:connection")
        for each in reminders_of(organization)
        if each.kind != "info"
    ]


def of_people(user: User) -> list[Task]:
    """Return what provisioning has left for the administrator to decide."""
    is_due = user.is_administrator and lost_rights(user.organization)
    return [RIGHT_LOST] if is_due else []


def of_their_own(user: User) -> list[Task]:
    """Return what a person has to do for themselves."""
    lacks_proof = settings.REQUIRE_SECOND_FACTOR and user.has_usable_password()
    return [NO_APP] if lacks_proof and not second_factor.is_set_up(user) else []


def _due(found: dict[Task, bool]) -> list[Task]:
    return [task for task, is_due in found.items() if is_due]


SEE_STATUS = _("See the status")
SEE_CONNECTION = _("See the connection")

CERTIFICATE_GONE = Task(
    "bad",
    _("No SAML certificate is valid today: nobody can sign in with Entra ID."),
    _("Replace the certificate"),
    "portal:saml",
)
BYPASS_USED = Task(
    "bad",
    _("Emergency access was used within the last seven days."),
    _("See who it was"),
    "portal:saml-sign-ins",
)
NO_WAY_AROUND = Task(
    "bad",
    _("If signing in with Entra ID failed now, the administrator could not get in."),
    _("Issue emergency codes"),
    "portal:saml-codes",
)
NO_ESCAPE = Task(
    "warn",
    _("Emergency access has not been tried out with the present codes."),
    _("Try it out"),
    "portal:saml-codes",
)
FEW_CODES = Task(
    "warn",
    _("Only a few emergency codes are left, or none."),
    _("Issue a new set"),
    "portal:saml-codes",
)
NOT_TESTED = Task(
    "warn",
    _("The SAML settings as they are now have not passed a test sign-in."),
    _("Test the sign-in"),
    "portal:saml-test",
)
PLAN_ENDED = Task(
    "bad",
    _("The plan no longer includes user synchronization. Links are kept."),
    SEE_STATUS,
    "portal:synchronization",
)
REFUSALS = Task(
    "bad",
    _("A tenth or more of the changes of Entra ID are refused."),
    _("See the reasons"),
    "portal:synchronization",
)
SILENCE = Task(
    "warn",
    _("Entra ID has not been heard for more than three cycles."),
    SEE_STATUS,
    "portal:synchronization",
)
NO_LICENCE = Task(
    "warn",
    _("No licence is left: new users are not created."),
    _("See suspended users"),
    "portal:users",
)
CERTIFICATE_ENDS = Task(
    "warn",
    _("The SAML certificate expires soon."),
    _("Add the next certificate"),
    "portal:saml",
)
PROPOSED = Task(
    "warn",
    _("A new SAML certificate is proposed and waits for your decision."),
    _("Look at it"),
    "portal:saml",
)
METADATA_PROBLEM = Task(
    "warn",
    _("New certificates cannot be looked for: something is wrong with the metadata."),
    _("See what it is"),
    "portal:saml",
)
RIGHT_LOST = Task(
    "warn",
    _("Provisioning has taken the right of a user manager from somebody."),
    _("See who it is"),
    "portal:users",
)
NEW_NOTES = Task(
    "info",
    _("The notes on user synchronization have changed."),
    _("Read and confirm"),
    "portal:synchronization",
)
PAUSED = Task("info", _("User synchronization is paused."), _("Resume"), "portal:stop")
NO_SAML = Task(
    "info",
    _("SAML login is not set up yet."),
    _("Set up SAML login"),
    "portal:saml",
)
NOT_ENABLED = Task(
    "info",
    _("User synchronization is not enabled yet."),
    _("Read the notes and enable"),
    "portal:synchronization",
)
NO_CONTACT = Task(
    "info",
    _("Entra ID has not called yet."),
    _("See the steps in Entra ID"),
    "portal:synchronization",
)
NO_APP = Task(
    "warn",
    _("Your password alone is not enough for what lets people in or out."),
    _("Set up a second factor"),
    "portal:second-factor",
)
