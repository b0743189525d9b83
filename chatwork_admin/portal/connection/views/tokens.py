"""How a provisioning client reaches us: the address, and the tokens it may use."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from chatwork_admin.authorization import clients, grants, hand_over, tokens
from chatwork_admin.authorization.models import BY_HAND
from chatwork_admin.authorization.views import token_address
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.connection import once, token_form
from chatwork_admin.portal.connection.credential_rows import rows_of
from chatwork_admin.portal.connection.forms import ClientForm, TokenForm
from chatwork_admin.portal.connection.reminders import reminders_of
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.synchronization.status import scim_address
from chatwork_admin.portal.texts import isolated
from chatwork_admin.synchronization import gate

REFUSALS: dict[type[Exception], Promise] = {
    token_form.NameTaken: _("A valid token has this name already. Choose another."),
    token_form.TooManyTokens: _(
        "Ten tokens are valid already. Revoke one that is no longer used."
    ),
}


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return show(request)


@administrator_only
@form_of("portal:connection")
@step_up(_("Issue a token"))
def issue(request: PortalRequest) -> HttpResponse:
    """Issue a token and show it, this once: it is kept nowhere."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return show(request, form=form, code=422)
    try:
        token = token_form.issue(
            request.organization,
            request.session,
            nonce=form.cleaned_data["nonce"],
            name=form.cleaned_data["name"],
            expires_at=form.expires_at(),
            actor=actor_of(request),
        )
    except once.IssuedAlready:
        return show(request, problem=_issued_already(), code=409)
    except (token_form.NameTaken, token_form.TooManyTokens) as refused:
        form.add_error("name", str(REFUSALS[type(refused)]))
        return show(request, form=form, code=422)
    return show(request, issued=token)


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


def show(
    request: PortalRequest,
    *,
    form: TokenForm | ClientForm | None = None,
    issued: str = "",
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    context = {
        **_how_it_stands(request.organization),
        "scim_address": scim_address(),
        "token_address": token_address(),
        "form": form or TokenForm(),
        "token_form": form if isinstance(form, TokenForm) else TokenForm(),
        "client_form": form if isinstance(form, ClientForm) else ClientForm(),
        "nonce": once.new_nonce(),
        "issued": issued,
        "problem": problem,
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(request.organization),
    }
    return render(request, "portal/connection/page.html", context, status=code)


def _how_it_stands(organization: Organization) -> dict[str, object]:
    synchronization = gate.synchronization_of(organization)
    disabled_at = synchronization.disabled_at
    by_hand = organization.access_tokens.filter(BY_HAND).order_by("-pk")
    return {
        "synchronization": synchronization,
        "rows": rows_of(by_hand, disabled_at),
        "reminders": reminders_of(organization),
        "in_use": hand_over.in_use(organization),
        "grants": rows_of(grants.given_by(organization), disabled_at),
        "clients": clients.clients_of(organization).annotate(
            last_used_at=clients.LAST_USE
        ),
    }


def _issued_already() -> str:
    return gettext(
        "This token was issued already; if you did not copy it, revoke it and issue "
        "another."
    )
