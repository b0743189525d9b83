"""End what an administrator has let a client do."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.authorization import grants
from chatwork_admin.portal.access import PortalRequest, actor_of, administrator_only
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.texts import isolated


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Revoke a connection"))
def revoke(request: PortalRequest, grant_id: uuid.UUID) -> HttpResponse:
    grant = get_object_or_404(request.organization.grants, pk=grant_id)
    if request.method != "POST":
        context = {"grant": grant}
        return render(request, "portal/connection/revoke_grant.html", context)
    try:
        grants.revoke(request.organization, grant.pk, actor=actor_of(request))
    except grants.NoSuchGrant as error:
        raise Http404 from error
    said = gettext("The connection of “%(name)s” is revoked.")
    messages.success(request, said % {"name": isolated(grant.client_name)})
    return redirect("portal:connection")
