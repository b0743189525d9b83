"""The OAuth clients of an organization: their addresses, and the secrets they use."""

from __future__ import annotations

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from chatwork_admin.authorization import clients, redirect_addresses
from chatwork_admin.authorization.models import OAuthClient
from chatwork_admin.authorization.views import authorize_address, token_address
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.connection import identity_rows, once, secret_form
from chatwork_admin.portal.connection.code_flow_form import CodeFlowForm, as_it_stands
from chatwork_admin.portal.connection.credential_rows import rows_of
from chatwork_admin.portal.connection.forms import ClientForm, LifetimeForm, SecretForm
from chatwork_admin.portal.connection.views import tokens
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.synchronization.status import scim_address
from chatwork_admin.portal.texts import isolated
from chatwork_admin.synchronization import gate

REFUSALS: dict[type[Exception], Promise] = {
    clients.NameTaken: _("A client has this name already. Choose another."),
    clients.TooManyClients: _(
        "There are ten clients already. Remove one that is no longer used."
    ),
    clients.TooManySecrets: _(
        "Five secrets are valid already. Revoke one that is no longer used."
    ),
}


@administrator_only
@form_of("portal:connection")
@step_up(_("Register a client"))
def register(request: PortalRequest) -> HttpResponse:
    form = ClientForm(request.POST)
    if not form.is_valid():
        return tokens.show(request, form=form, code=422)
    try:
        client = clients.register(
            request.organization,
            name=form.cleaned_data["client_name"],
            token_minutes=form.cleaned_data["token_minutes"],
            actor=actor_of(request),
        )
    except (clients.NameTaken, clients.TooManyClients) as refused:
        form.add_error("client_name", str(REFUSALS[type(refused)]))
        return tokens.show(request, form=form, code=422)
    return redirect("portal:client", client.pk)


@require_safe
@portal_page
def page(request: PortalRequest, client_id: uuid.UUID) -> HttpResponse:
    return show(request, client_of(request, client_id))


@administrator_only
@step_up(_("Change how long tokens last"))
def set_lifetime(request: PortalRequest, client_id: uuid.UUID) -> HttpResponse:
    client, form = client_of(request, client_id), LifetimeForm(request.POST)
    if request.method != "POST":
        return redirect("portal:client", client.pk)
    if not form.is_valid():
        return show(request, client, form=form, code=422)
    try:
        clients.set_lifetime(
            request.organization,
            client.pk,
            token_minutes=form.cleaned_data["token_minutes"],
            actor=actor_of(request),
        )
    except clients.NoSuchClient as error:
        raise Http404 from error
    messages.success(request, gettext("Saved. It counts for the next token."))
    return redirect("portal:client", client.pk)


@administrator_only
@step_up(_("Change where the codes of a client are brought"))
def set_code_flow(request: PortalRequest, client_id: uuid.UUID) -> HttpResponse:
    client, form = client_of(request, client_id), CodeFlowForm(request.POST)
    if request.method != "POST":
        return redirect("portal:client", client.pk)
    flow = form.flow()
    if flow is None:
        return show(request, client, form=form, code=422)
    try:
        clients.set_code_flow(
            request.organization, client.pk, flow, actor=actor_of(request)
        )
    except clients.NoSuchClient as error:
        raise Http404 from error
    messages.success(request, gettext("Saved. It counts for the next authorization."))
    return redirect("portal:client", client.pk)


@administrator_only
@step_up(_("Issue a client secret"))
def add_secret(request: PortalRequest, client_id: uuid.UUID) -> HttpResponse:
    """Issue a secret and show it, this once: it is kept nowhere."""
    client, form = client_of(request, client_id), SecretForm(request.POST)
    if request.method != "POST":
        return redirect("portal:client", client.pk)
    if not form.is_valid():
        return show(request, client, form=form, code=422)
    try:
        secret = secret_form.issue(
            client, request.session, form, actor=actor_of(request)
        )
    except once.IssuedAlready:
        return show(request, client, problem=_issued_already(), code=409)
    except clients.TooManySecrets as refused:
        form.add_error("note", str(REFUSALS[type(refused)]))
        return show(request, client, form=form, code=422)
    except clients.NoSuchClient as error:
        raise Http404 from error
    return show(request, client, issued=secret)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Revoke a client secret"))
def revoke_secret(
    request: PortalRequest, client_id: uuid.UUID, secret_id: uuid.UUID
) -> HttpResponse:
    client = client_of(request, client_id)
    secret = get_object_or_404(client.secrets, pk=secret_id)
    if request.method != "POST":
        context = {"client": client, "secret": secret}
        return render(request, "portal/connection/revoke_secret.html", context)
    try:
        clients.revoke_secret(
            request.organization, client.pk, secret.pk, actor=actor_of(request)
        )
    except (clients.NoSuchClient, clients.NoSuchSecret) as error:
        raise Http404 from error
    said = gettext("The secret “%(note)s” is revoked.")
    messages.success(request, said % {"note": isolated(secret.note)})
    return redirect("portal:client", client.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Remove a client"))
def remove(request: PortalRequest, client_id: uuid.UUID) -> HttpResponse:
    client = client_of(request, client_id)
    if request.method != "POST":
        context = {"client": client}
        return render(request, "portal/connection/remove_client.html", context)
    try:
        clients.remove(request.organization, client.pk, actor=actor_of(request))
    except clients.NoSuchClient as error:
        raise Http404 from error
    said = gettext("The client “%(name)s” is removed.")
    messages.success(request, said % {"name": isolated(client.name)})
    return redirect("portal:connection")


def show(
    request: PortalRequest,
    client: OAuthClient,
    *,
    form: forms.Form | None = None,
    issued: str = "",
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    """Show the page of a client; `form` as it was sent, if it was."""
    context = {
        "client": client,
        **_forms(client, form),
        **_how_it_stands(client),
        "scim_address": scim_address(),
        "token_address": token_address(),
        "authorize_address": authorize_address(),
        "known_addresses": redirect_addresses.known(),
        "nonce": once.new_nonce(),
        "issued": issued,
        "problem": problem,
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(request.organization),
    }
    return render(request, "portal/connection/client.html", context, status=code)


def client_of(request: PortalRequest, client_id: uuid.UUID) -> OAuthClient:
    return get_object_or_404(clients.clients_of(request.organization), pk=client_id)


def _forms(client: OAuthClient, sent: forms.Form | None) -> dict[str, forms.Form]:
    lifetime = LifetimeForm(initial={"token_minutes": client.token_minutes})
    return {
        "form": sent or SecretForm(),
        "secret_form": sent if isinstance(sent, SecretForm) else SecretForm(),
        "lifetime_form": sent if isinstance(sent, LifetimeForm) else lifetime,
        "code_flow_form": sent
        if isinstance(sent, CodeFlowForm)
        else as_it_stands(client),
    }


def _how_it_stands(client: OAuthClient) -> dict[str, object]:
    disabled_at = gate.synchronization_of(client.organization).disabled_at
    secrets = rows_of(client.secrets.order_by("-pk"), disabled_at)
    identities = identity_rows.rows_of(client)
    return {
        "rows": secrets,
        "identities": identities,
        "has_secret": any(each.is_alive for each in secrets),
        "is_federated": any(each.is_alive for each in identities),
    }


def _issued_already() -> str:
    return gettext(
        "This secret was issued already; if you did not copy it, revoke it and issue "
        "another."
    )
