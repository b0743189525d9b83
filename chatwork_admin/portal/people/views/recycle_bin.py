"""Restore somebody from the recycle bin, or erase them: what that means comes first."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.organizations.models import User
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    name_of,
)
from chatwork_admin.portal.people.departures import departed, teams_of
from chatwork_admin.portal.people.forms import LoginEmailForm
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.texts import isolated
from chatwork_admin.synchronization import admission, recycling
from chatwork_admin.synchronization.models import Tombstone

SEE_AND_SEND = ["GET", "HEAD", "POST"]


@require_http_methods(SEE_AND_SEND)
@administrator_only
@step_up(_("Restore this user"))
def restore(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    person = request.organization.users.filter(pk=user_id).first()
    if person is None:
        return departed(request, user_id)
    if request.method != "POST":
        return _restoration(request, person, admission.obstacle(person))
    try:
        recycling.restore_user(request.organization, user_id, actor=actor_of(request))
    except recycling.NotInRecycleBin:  # erased at this moment: the page will say so
        return redirect("portal:user", user_id=user_id)
    except admission.REFUSALS as refusal:
        return _restoration(request, person, refusal, code=409)
    done = gettext("%(name)s is restored.") % {"name": isolated(name_of(person))}
    messages.success(request, done)
    return redirect("portal:user", user_id=user_id)


@require_http_methods(SEE_AND_SEND)
@administrator_only
@step_up(_("Erase this user now"))
def erase(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    person = request.organization.users.filter(pk=user_id).first()
    if person is None:
        return departed(request, user_id)
    if request.method != "POST":
        return _erasure(request, person, LoginEmailForm(person))
    form = LoginEmailForm(person, request.POST)
    if not form.is_valid():
        return _erasure(request, person, form, code=422)
    try:
        recycling.erase_user(request.organization, user_id, actor=actor_of(request))
    except recycling.NotInRecycleBin:  # restored meanwhile, or erased
        return redirect("portal:user", user_id=user_id)
    done = gettext("%(name)s is erased.") % {"name": isolated(name_of(person))}
    messages.success(request, done)
    return redirect("portal:users")


def _restoration(
    request: PortalRequest, person: User, refusal: Exception | None, code: int = 200
) -> HttpResponse:
    if person.deleted_at is None:
        return redirect("portal:user", user_id=person.pk)
    tombstone = Tombstone.objects.filter(user=person).first()
    context = {
        "person": person,
        "teams": teams_of(person),
        "reports": len(tombstone.reports) if tombstone else 0,
        "used": request.organization.user_count().present,
        "refusal": _why_not(refusal),
        "holder": _holder(person),
    }
    return render(request, "portal/people/restore.html", context, status=code)


def _erasure(
    request: PortalRequest, person: User, form: LoginEmailForm, code: int = 200
) -> HttpResponse:
    if person.deleted_at is None:
        return redirect("portal:user", user_id=person.pk)
    tombstone = Tombstone.objects.filter(user=person).first()
    context = {"person": person, "form": form, "tombstone": tombstone}
    return render(request, "portal/people/erase.html", context, status=code)


def _why_not(refusal: Exception | None) -> str:
    words = {
        type(None): "",
        admission.NoLicenceLeft: gettext(
            "No licence is left. Add licences, or delete somebody who is not needed "
            "any more."
        ),
        admission.NotUnique: gettext(
            "Somebody else in this organization has this login e-mail by now."
        ),
        admission.InUseElsewhere: gettext(
            "An account outside this organization has this login e-mail by now."
        ),
    }
    return words[type(refusal)]


def _holder(person: User) -> User | None:
    """Return which colleague has the login e-mail by now, if one has."""
    colleagues = person.organization.users.present()
    return colleagues.filter(user_name_key=person.user_name_key).first()
