"""Where a person is signed in: their own sessions, and an administrator's view of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import ending, lookup
from chatwork_admin.organizations.sessions.recognition import session_behind
from chatwork_admin.portal.access import (
    PersonalRequest,
    PortalRequest,
    actor_of,
    administrator_only,
    name_of,
    personal_page,
)
from chatwork_admin.portal.signing_in.devices import device
from chatwork_admin.portal.signing_in.views.sign_in import signed_out
from chatwork_admin.portal.texts import isolated


@dataclass(frozen=True, slots=True)
class SessionRow:
    session: UserSession
    device: str
    is_this: bool


@require_safe
@personal_page
def page(request: PersonalRequest) -> HttpResponse:
    present = session_behind(request)
    rows = rows_of(request.user, present)
    context = {"rows": rows, "has_others": len(rows) > 1, "frame": _frame(request)}
    return render(request, "portal/sessions/page.html", context)


@personal_page
def end(request: PersonalRequest, session_id: uuid.UUID) -> HttpResponse:
    own = UserSession.objects.filter(
        organization=request.user.organization, user=request.user
    )
    session = get_object_or_404(own, pk=session_id)
    if request.method != "POST":
        return redirect("portal:sessions")
    if session == session_behind(request):
        return signed_out(request)
    ending.end_session(session, why=Why.SIGNED_OUT_ELSEWHERE, actor=actor_of(request))
    messages.success(request, gettext("That session is ended."))
    return redirect("portal:sessions")


@personal_page
def end_others(request: PersonalRequest) -> HttpResponse:
    if request.method == "POST":
        present = session_behind(request)
        count = ending.end_sessions_of(
            request.user,
            why=Why.SIGNED_OUT_ELSEWHERE,
            actor=actor_of(request),
            but=present,
        )
        messages.success(request, _ended(count))
    return redirect("portal:sessions")


@administrator_only
def end_everywhere(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    """Sign somebody out of every browser; whoever did it to themselves, too."""
    person = get_object_or_404(request.organization.users, pk=user_id)
    if request.method != "POST":
        return redirect("portal:user", user_id=person.pk)
    ending.end_sessions_of(person, why=Why.ADMINISTRATOR, actor=actor_of(request))
    messages.success(
        request,
        gettext("%(name)s is signed out everywhere.")
        % {"name": isolated(name_of(person))},
    )
    return redirect("portal:user", user_id=person.pk)


def rows_of(person: User, present: UserSession | None = None) -> list[SessionRow]:
    """Return a person's open sessions; `present` is the one that asks."""
    return [
        SessionRow(each, device(each.user_agent), each == present)
        for each in lookup.open_sessions(person)
    ]


def _ended(count: int) -> str:
    return (
        ngettext(
            "%(count)s other session is ended.",
            "%(count)s other sessions are ended.",
            count,
        )
        % {"count": count}
        if count
        else gettext("There was no other session.")
    )


def _frame(request: PersonalRequest) -> str:
    """Show the portal around the page to those who may open it."""
    if not request.user.administers:
        return "portal/personal.html"
    cast("PortalRequest", request).organization = request.user.organization
    return "portal/base.html"
