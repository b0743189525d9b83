from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from chatwork_admin.organizations import administrators
from chatwork_admin.organizations.models import User
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    name_of,
)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
def transfer(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    receiver = get_object_or_404(request.organization.users, pk=user_id)
    if request.method != "POST":
        return _confirmation(request, receiver)
    try:
        administrators.transfer(
            request.organization,
            giver=request.user,
            receiver=receiver,
            actor=actor_of(request),
        )
    except administrators.NotTransferable:
        problem = gettext(
            "The right cannot be transferred: this person is suspended or deleted, or "
            "you are no longer the administrator."
        )
        return _confirmation(request, receiver, problem=problem, code=409)
    messages.success(
        request,
        gettext("%(name)s is the organization administrator now.")
        % {"name": name_of(receiver)},
    )
    return redirect("portal:user", user_id=receiver.pk)


def _confirmation(
    request: PortalRequest, receiver: User, *, problem: str = "", code: int = 200
) -> HttpResponse:
    context = {"receiver": receiver, "problem": problem}
    return render(request, "portal/people/transfer.html", context, status=code)
