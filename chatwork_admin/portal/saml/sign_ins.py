"""The last sign-ins by SAML and around it, as the audit log has them, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.portal.alike import Alike, folded
from chatwork_admin.portal.paging import Page, page_of
from chatwork_admin.portal.saml import sign_in_reasons
from chatwork_admin.portal.saml.entra_errors import EntraError, explain
from chatwork_admin.portal.texts import plain

BY_SAML = Q(action=Action.SIGN_IN_SUCCEEDED, context__began=Began.SAML)
REFUSED = Q(action=Action.SIGN_IN_FAILED, context__channel__in=["saml", "bypass"])
REFUSED |= Q(action=Action.IDENTITY_CONFLICT)
AROUND = Q(action=Action.BYPASS_USED)
TESTS = Q(action=Action.SAML_TESTED)
KINDS = {
    "": BY_SAML | REFUSED | AROUND | TESTS,
    "succeeded": BY_SAML,
    "refused": REFUSED,
    "around": AROUND,
    "tests": TESTS,
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """`kind` is ok, warn or bad; `reason` says what a refusal means.

    `others` are alike, and `times` is how often it was refused so in that hour.
    """

    event: AuditEvent
    who: str
    kind: str
    reason: Promise | str
    entra_error: EntraError | None
    others: list[AuditEvent]
    times: int


def page_of_sign_ins(
    organization: Organization, kind: str, query: Mapping[str, str]
) -> tuple[Page[AuditEvent], list[SignIn]]:
    """Return a page of them, newest first, with what is alike in an hour as one."""
    events = AuditEvent.objects.filter(organization_id=organization.pk)
    page = page_of(events.filter(KINDS[kind]), "-pk", query)
    return page, [_sign_in(each) for each in folded(organization, page.rows)]


def _sign_in(alike: Alike) -> SignIn:
    event = alike.event
    code = str(event.context.get("code", ""))
    return SignIn(
        event,
        _who(event),
        _kind(event, code),
        sign_in_reasons.sentence(code),
        explain(str(event.context.get("hint", ""))),
        alike.others,
        alike.times,
    )


def _who(event: AuditEvent) -> str:
    """Whom it was about; a refusal may be about nobody known, or about no name."""
    if event.action == Action.SAML_TESTED:
        return str(event.actor["label"])
    if event.target["kind"] == "user":
        return str(event.target["label"])
    return plain(event.context.get("name", ""))


def _kind(event: AuditEvent, code: str) -> str:
    if event.action == Action.BYPASS_USED:
        return "warn"
    return "bad" if code else "ok"
