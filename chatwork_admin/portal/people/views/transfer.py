from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.authorization import hand_over
from chatwork_admin.organizations.models import User
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    name_of,
)
from chatwork_admin.portal.people.forms import LoginEmailForm
from chatwork_admin.portal.people.obstacles import why_not
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.texts import isolated
from saml_sso.identity_providers import administrators

NO_LONGER = _(
    "The right cannot be transferred: this person is suspended or deleted, or you are "
    "no longer the administrator."
)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Transfer the administrator right"))
def transfer(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    receiver = get_object_or_404(request.organization.users, pk=user_id)
    if receiver == request.user:  # has the right already
        return redirect("portal:user", user_id=receiver.pk)
    if request.method != "POST":
        return _confirmation(request, receiver)
    form = LoginEmailForm(receiver, request.POST)
    if not form.is_valid():
        return _confirmation(request, receiver, form=form, code=422)
    try:
        hand_over.transfer(
            request.organization,
            giver=request.user,
            receiver=receiver,
            actor=actor_of(request),
        )
    except administrators.NotTransferable:
        receiver.refresh_from_db()
        problem = why_not(receiver) or NO_LONGER
        return _confirmation(request, receiver, problem=problem, code=409)
    messages.success(request, _done(receiver))
    return redirect("portal:user", user_id=receiver.pk)


def _done(receiver: User) -> str:
    return gettext(
        "%(name)s is the organization administrator now. The emergency codes are "
        "void; that person should issue new ones and try one out."
    ) % {"name": isolated(name_of(receiver))}


def _confirmation(
    request: PortalRequest,
    receiver: User,
    *,
    form: LoginEmailForm | None = None,
    problem: Promise | None = None,
    code: int = 200,
) -> HttpResponse:
    context = {
        "receiver": receiver,
        "form": form or LoginEmailForm(receiver),
        "problem": problem,
        "obstacle": why_not(receiver),
        "connections": [
            grant
            for grant in hand_over.in_use(request.organization)
            if grant.authorized_by != receiver
        ],
        "seen": hand_over.seen_in(request.organization),
    }
    return render(request, "portal/people/transfer.html", context, status=code)
