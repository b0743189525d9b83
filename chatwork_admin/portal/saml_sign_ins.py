"""The last sign-ins by SAML and around it, as the audit log has them, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.portal import sign_in_reasons
from chatwork_admin.portal.entra_errors import EntraError, explain

SHOWN = 50
OTHERS = (Action.IDENTITY_CONFLICT, Action.BYPASS_USED, Action.SAML_TESTED)


@dataclass(frozen=True, slots=True)
class SignIn:
    """`kind` is ok, warn or bad; `reason` says what a refusal means."""

    event: AuditEvent
    who: str
    kind: str
    reason: Promise | str
    entra_error: EntraError | None


def sign_ins_of(organization: Organization, *, most: int = SHOWN) -> list[SignIn]:
    """Return the last of them, newest first."""
    by_saml = Q(action=Action.SIGN_IN_SUCCEEDED, context__began=Began.SAML)
    refused = Q(action=Action.SIGN_IN_FAILED, context__channel__in=["saml", "bypass"])
    events = AuditEvent.objects.filter(organization_id=organization.pk).filter(
        by_saml | refused | Q(action__in=OTHERS)
    )
    return [_sign_in(event) for event in events.order_by("-id")[:most]]


def _sign_in(event: AuditEvent) -> SignIn:
    code = str(event.context.get("code", ""))
    return SignIn(
        event,
        _who(event),
        _kind(event, code),
        sign_in_reasons.sentence(code),
        explain(str(event.context.get("hint", ""))),
    )


def _who(event: AuditEvent) -> str:
    """Whom it was about; a refusal may be about nobody known."""
    if event.action == Action.SAML_TESTED:
        return str(event.actor["label"])
    return str(event.target["label"]) if event.target["kind"] == "user" else "–"


def _kind(event: AuditEvent, code: str) -> str:
    if event.action == Action.BYPASS_USED:
        return "warn"
    return "bad" if code else "ok"
