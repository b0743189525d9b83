"""Make somebody a user manager, having said who signs in as that person, or a member again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.organizations import user_managers
from chatwork_admin.organizations.models import User
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    name_of,
)
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.texts import isolated
from saml_sso.models import LinkedIdentity


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Make somebody a user manager"))
def appoint(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    person = get_object_or_404(request.organization.users.present(), pk=user_id)
    if person.administers or not person.is_active:
        return redirect("portal:user", user_id=person.pk)
    if request.method != "POST":
        identity = LinkedIdentity.objects.filter(user=person).first()
        context = {"person": person, "identity": identity}
        return render(request, "portal/people/appoint.html", context)
    try:
        user_managers.appoint(request.organization, person.pk, actor=actor_of(request))
    except user_managers.NotAppointable:  # suspended or deleted at this moment
        return redirect("portal:users")
    done = gettext("%(name)s is a user manager now.")
    messages.success(request, done % {"name": isolated(name_of(person))})
    return redirect("portal:user", user_id=person.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Take the right of a user manager back"))
def dismiss(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    person = get_object_or_404(request.organization.users, pk=user_id)
    if person.role != User.Role.USER_MANAGER:
        return redirect("portal:user", user_id=person.pk)
    if request.method != "POST":
        return render(request, "portal/people/dismiss.html", {"person": person})
    user_managers.take_back(request.organization, person.pk, actor=actor_of(request))
    done = gettext("%(name)s is a member now, and was signed out everywhere.")
    messages.success(request, done % {"name": isolated(name_of(person))})
    return redirect("portal:user", user_id=person.pk)
