from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.proofs import second_factor
from chatwork_admin.organizations.sessions.recognition import session_behind
from chatwork_admin.portal.access import (
    PortalRequest,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.alike import Alike, folded
from chatwork_admin.portal.paging import page_of
from chatwork_admin.portal.people.departures import departed, teams_of
from chatwork_admin.portal.people.lost_rights import LostRight, lost_rights
from chatwork_admin.portal.people.obstacles import why_not
from chatwork_admin.portal.signing_in.views.sessions import rows_of
from chatwork_admin.portal.texts import is_storable, search_text
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.models import UserSynchronization
from saml_sso.models import LinkedIdentity

TIMELINE = 50


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: Promise
    empty: Promise
    condition: Q
    order: str = "user_name_key"


@require_safe
@portal_page
def users(request: PortalRequest) -> HttpResponse:
    tab = TABS.get(request.GET.get("tab", ""), IN_USE)
    text = search_text(request)
    people = _found(_people(request.organization, tab), text)
    context = {
        "tab": tab,
        "tabs": _counted(request.organization),
        "text": text,
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(request.organization),
        "lost_rights": _lost(request),
        "page": page_of(people, tab.order, request.GET.dict()),
    }
    return render(request, "portal/people/users.html", context)


@require_safe
@portal_page
def user(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    person = request.organization.users.filter(pk=user_id).first()
    if person is None:
        return departed(request, user_id)
    context = {
        "person": person,
        "teams": teams_of(person),
        "events": timeline(request.organization, "user", person.pk),
        "is_managed": gate.synchronization_of(request.organization).state
        != UserSynchronization.State.OFF,
        "sessions": rows_of(person, session_behind(request))
        if request.user.is_administrator
        else [],
        "identity": LinkedIdentity.objects.filter(user=person).first(),
        "has_second_factor": second_factor.is_set_up(person),
        "lost_rights": [each for each in _lost(request) if each.person == person],
        "is_colleague": request.user.is_administrator and request.user != person,
        "no_transfer": why_not(person) if request.user.is_administrator else None,
    }
    return render(request, "portal/people/user.html", context)


def _lost(request: PortalRequest) -> list[LostRight]:
    """Who may give a right again is told who has lost it."""
    if not request.user.is_administrator:
        return []
    return lost_rights(request.organization)


def timeline(
    organization: Organization, kind: str, target_id: uuid.UUID
) -> list[Alike]:
    """Return the last events about a user or a group, the latest first."""
    events = AuditEvent.objects.filter(
        organization_id=organization.pk, target__id=str(target_id), target__kind=kind
    )
    return folded(organization, events.order_by("-pk")[:TIMELINE])


def _people(organization: Organization, tab: Tab) -> QuerySet[User]:
    people = organization.users.filter(tab.condition)
    if tab != RECYCLE_BIN:
        return people
    # The index of the deleted knows no organization; that of tombstones does.
    mine = people.filter(tombstone__organization=organization)
    return mine.select_related("tombstone")


def _counted(organization: Organization) -> list[tuple[Tab, int]]:
    """Return the tabs, with how many each has: as the organization counts itself."""
    present, active, _, entered = organization.user_count()
    deleted = _people(organization, RECYCLE_BIN).count()
    counts = (entered, active - entered, present - active, deleted)
    return list(zip(TABS.values(), counts, strict=True))


def _found(people: QuerySet[User], text: str) -> QuerySet[User]:
    if not text:
        return people
    if not is_storable(text):
        return people.none()
    part, named = fold(text), people.filter(external_id=text)
    return people.filter(
        Q(user_name_key__contains=part)
        | Q(display_name_key__contains=part)
        | Q(pk__in=named.values("pk"))
    )


IN_USE = Tab(
    "in-use",
    _("In use"),
    _("Nobody has signed in yet."),
    Q(deleted_at=None, is_active=True, last_login__isnull=False),
)
RECYCLE_BIN = Tab(
    "recycle-bin",
    _("Recycle bin"),
    _("The recycle bin is empty."),
    Q(deleted_at__isnull=False),
    order="-deleted_at",
)
TABS = {
    tab.key: tab
    for tab in (
        IN_USE,
        Tab(
            "pre-login",
            _("Pre-login"),
            _("Everybody has signed in already."),
            Q(deleted_at=None, is_active=True, last_login=None),
        ),
        Tab(
            "suspended",
            _("Suspended"),
            _("Nobody is suspended."),
            Q(deleted_at=None, is_active=False),
        ),
        RECYCLE_BIN,
    )
}
