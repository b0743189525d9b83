"""The last sign-ins by SAML and around it, as the audit log has them, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.portal.paging import Page, page_of
from chatwork_admin.portal.saml import sign_in_reasons
from chatwork_admin.portal.saml.entra_errors import EntraError, explain

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

    `times`: how often it was refused so in that hour, where it was about nobody known.
    """

    event: AuditEvent
    who: str
    kind: str
    reason: Promise | str
    entra_error: EntraError | None
    times: int


def page_of_sign_ins(
    organization: Organization, kind: str, query: Mapping[str, str]
) -> tuple[Page[AuditEvent], list[SignIn]]:
    """Return a page of them, newest first, with what is alike in an hour as one."""
    events = AuditEvent.objects.filter(organization_id=organization.pk)
    page = page_of(events.filter(KINDS[kind]), "-pk", query)
    counts = _counts(organization)
    return page, [
        _sign_in(alike[0], counts.get(_hour_and_code(alike[0]), len(alike)))
        if _is_about_nobody(alike[0])
        else _sign_in(alike[0], 1)
        for alike in _folded(page.rows)
    ]


def _folded(events: Iterable[AuditEvent]) -> list[list[AuditEvent]]:
    found: dict[object, list[AuditEvent]] = {}
    for event in events:
        alike = (event.action, *_hour_and_code(event))
        key = alike if _is_about_nobody(event) else event.pk
        found.setdefault(key, []).append(event)
    return list(found.values())


def _is_about_nobody(event: AuditEvent) -> bool:
    return "code" in event.context and event.target["kind"] == "organization"


def _hour_and_code(event: AuditEvent) -> tuple[datetime, str]:
    hour = event.occurred_at.replace(minute=0, second=0, microsecond=0)
    return hour, str(event.context.get("code", ""))


def _counts(organization: Organization) -> dict[tuple[datetime, str], int]:
    counted = organization.sign_in_rejection_counts.all()
    return {(each.hour, each.reason): each.count for each in counted}


def _sign_in(event: AuditEvent, times: int) -> SignIn:
    code = str(event.context.get("code", ""))
    return SignIn(
        event,
        _who(event),
        _kind(event, code),
        sign_in_reasons.sentence(code),
        explain(str(event.context.get("hint", ""))),
        times,
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
