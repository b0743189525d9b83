"""What needs the administrator, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.portal.readiness import EXPIRY_WARNING_DAYS, Licences
from chatwork_admin.portal.status import Status
from chatwork_admin.synchronization.health import PageState
from saml_sso.models import IdentityProvider, TrustedCertificate


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do; `kind` is bad, warn or info; `url_name` leads to where."""

    kind: str
    text: Promise
    button: Promise
    url_name: str


def to_do(
    status: Status,
    licences: Licences,
    provider: IdentityProvider | None,
    certificate: TrustedCertificate | None,
) -> list[Task]:
    soon = timezone.now() + timedelta(days=EXPIRY_WARNING_DAYS)
    found = {
        CERTIFICATE_GONE: provider is not None and certificate is None,
        PLAN_ENDED: status.state == PageState.PLAN_LAPSED,
        REFUSALS: status.state == PageState.FAILING,
        SILENCE: status.state == PageState.DELAYED,
        NO_LICENCE: not licences.left,
        CERTIFICATE_ENDS: certificate is not None and certificate.not_after < soon,
        NEW_NOTES: status.notices_changed,
        PAUSED: status.state == PageState.PAUSED,
        NO_SAML: provider is None,
        NOT_ENABLED: status.state == PageState.SETUP,
        NO_CONTACT: status.state == PageState.ENABLED_WAITING,
    }
    return [task for task, is_due in found.items() if is_due]


SEE_STATUS = _("See the status")

CERTIFICATE_GONE = Task(
    "bad",
    _("No SAML certificate is valid today: nobody can sign in with Entra ID."),
    _("Replace the certificate"),
    "portal:saml",
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
    _("The SAML certificate expires within 30 days."),
    _("Add the next certificate"),
    "portal:saml",
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
