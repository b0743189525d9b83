"""How a provisioning client reaches us: the address, and the tokens it may use."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.portal import token_form
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.forms import TokenForm
from chatwork_admin.portal.status import scim_address
from chatwork_admin.portal.step_up import step_up
from chatwork_admin.portal.texts import isolated
from chatwork_admin.synchronization import gate

REFUSALS: dict[type[Exception], Promise] = {
    token_form.NameTaken: _("A valid token has this name already. Choose another."),
    token_form.TooManyTokens: _(
        "Ten tokens are valid already. Revoke one that is no longer used."
    ),
}


@dataclass(frozen=True, slots=True)
class TokenRow:
    token: AccessToken
    ended_at: datetime | None
    state: str

    @property
    def is_alive(self) -> bool:
        return self.state == "alive"


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return _page(request)


@administrator_only
@form_of("portal:connection")
@step_up(_("Issue a token"))
def issue(request: PortalRequest) -> HttpResponse:
    """Issue a token and show it, this once: it is kept nowhere."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, code=422)
    try:
        token = token_form.issue(
            request.organization,
            request.session,
            nonce=form.cleaned_data["nonce"],
            name=form.cleaned_data["name"],
            expires_at=form.expires_at(),
            actor=actor_of(request),
        )
    except token_form.IssuedAlready:
        return _page(request, problem=_issued_already(), code=409)
    except (token_form.NameTaken, token_form.TooManyTokens) as refused:
        form.add_error("name", str(REFUSALS[type(refused)]))
        return _page(request, form=form, code=422)
    return _page(request, issued=token)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Revoke a token"))
def revoke(request: PortalRequest, token_id: uuid.UUID) -> HttpResponse:
    token = get_object_or_404(request.organization.access_tokens, pk=token_id)
    if request.method != "POST":
        return render(request, "portal/connection/revoke.html", {"token": token})
    try:
        tokens.revoke(request.organization, token.pk, actor=actor_of(request))
    except tokens.NoSuchToken as error:
        raise Http404 from error
    messages.success(
        request,
        gettext("The token “%(name)s” is revoked.") % {"name": isolated(token.name)},
    )
    return redirect("portal:connection")


def _issued_already() -> str:
    return gettext(
        "This token was issued already; if you did not copy it, revoke it and issue "
        "another."
    )


def _page(
    request: PortalRequest,
    *,
    form: TokenForm | None = None,
    issued: str = "",
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    synchronization = gate.synchronization_of(request.organization)
    issued_tokens = request.organization.access_tokens.order_by("-pk")
    context = {
        "scim_address": scim_address(),
        "synchronization": synchronization,
        "rows": [_row(each, synchronization.disabled_at) for each in issued_tokens],
        "form": form or TokenForm(),
        "nonce": token_form.new_nonce(),
        "issued": issued,
        "problem": problem,
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(request.organization),
    }
    return render(request, "portal/connection/page.html", context, status=code)


def _row(token: AccessToken, disabled_at: datetime | None) -> TokenRow:
    ended_at = token.ended_at(disabled_at)
    if ended_at is None or ended_at > timezone.now():
        return TokenRow(token, ended_at, "alive")
    states = {token.revoked_at: "revoked", token.expires_at: "expired"}
    return TokenRow(token, ended_at, states.get(ended_at, "disabled"))
