"""Forget which account at the identity provider is a person's: say first what that means."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    name_of,
)
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.texts import isolated
from saml_sso.models import LinkedIdentity
from saml_sso.sign_in import identities


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Unlink the identity of somebody"))
def unlink(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    person = get_object_or_404(request.organization.users.present(), pk=user_id)
    identity = LinkedIdentity.objects.filter(user=person).first()
    if identity is None:
        return redirect("portal:user", user_id=person.pk)
    if request.method != "POST":
        context = {"person": person, "identity": identity}
        return render(request, "portal/people/unlink.html", context)
    identities.unlink(request.organization, person, actor=actor_of(request))
    done = gettext("The identity of %(name)s is unlinked.")
    messages.success(request, done % {"name": isolated(name_of(person))})
    return redirect("portal:user", user_id=person.pk)
