from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.organizations import administrators
from chatwork_admin.organizations.models import User
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    name_of,
)
from chatwork_admin.portal.forms import LoginEmailForm
from chatwork_admin.portal.step_up import step_up
from chatwork_admin.portal.texts import isolated


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Transfer the administrator right"))
def transfer(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    receiver = get_object_or_404(request.organization.users, pk=user_id)
    if request.method != "POST":
        return _confirmation(request, receiver)
    form = LoginEmailForm(receiver, request.POST)
    if not form.is_valid():
        return _confirmation(request, receiver, form=form, code=422)
    try:
        administrators.transfer(
            request.organization,
            giver=request.user,
            receiver=receiver,
            actor=actor_of(request),
        )
    except administrators.NotTransferable:
        problem = _why_not(receiver)
        return _confirmation(request, receiver, problem=problem, code=409)
    messages.success(
        request,
        gettext("%(name)s is the organization administrator now.")
        % {"name": isolated(name_of(receiver))},
    )
    return redirect("portal:user", user_id=receiver.pk)


def _why_not(receiver: User) -> str:
    if receiver.last_login is None:
        return gettext(
            "This person has not signed in yet and cannot receive the administrator "
            "right."
        )
    return gettext(
        "The right cannot be transferred: this person is suspended or deleted, or "
        "you are no longer the administrator."
    )


def _confirmation(
    request: PortalRequest,
    receiver: User,
    *,
    form: LoginEmailForm | None = None,
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    context = {
        "receiver": receiver,
        "form": form or LoginEmailForm(receiver),
        "problem": problem,
    }
    return render(request, "portal/people/transfer.html", context, status=code)
