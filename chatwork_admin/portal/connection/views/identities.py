"""Whom a client trusts to prove it: workload identity federation."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.authorization import clients, signing_keys, workload_identities
from chatwork_admin.authorization.models import OAuthClient, WorkloadIdentity
from chatwork_admin.portal.access import PortalRequest, actor_of, administrator_only
from chatwork_admin.portal.connection import identity_words
from chatwork_admin.portal.connection.identity_form import WorkloadIdentityForm
from chatwork_admin.portal.connection.views.clients import client_of
from chatwork_admin.portal.signing_in.step_up import step_up

REFUSALS: dict[type[Exception], Promise] = {
    workload_identities.TrustedAlready: _(
        "An identity with this issuer, subject and audience is trusted already. If its "
        "JWKS URI is wrong, remove it and add it anew."
    ),
    workload_identities.TooManyIdentities: _(
        "Three identities are trusted already. Remove one that is no longer used."
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Trust a workload identity"))
def add(request: PortalRequest, client_id: uuid.UUID) -> HttpResponse:
    client = client_of(request, client_id)
    if request.method != "POST":
        return _form_page(request, client, WorkloadIdentityForm())
    form = WorkloadIdentityForm(request.POST)
    identity = _added(request, client, form)
    if identity is None:
        return _form_page(request, client, form, code=422)
    signing_keys.renew(identity)
    identity.refresh_from_db(fields=["keys_problem"])
    if problem := identity_words.problem(identity.keys_problem):
        said = gettext("The identity is trusted, but its keys are missing: %(problem)s")
        messages.warning(request, said % {"problem": problem})
    else:
        messages.success(
            request, gettext("The identity is trusted, and its keys are here.")
        )
    return redirect("portal:client", client.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Remove a workload identity"))
def remove(
    request: PortalRequest, client_id: uuid.UUID, identity_id: uuid.UUID
) -> HttpResponse:
    client = client_of(request, client_id)
    identities = workload_identities.identities_of(client)
    identity = get_object_or_404(identities, pk=identity_id)
    if request.method != "POST":
        context = {"client": client, "identity": identity}
        return render(request, "portal/connection/remove_identity.html", context)
    try:
        workload_identities.remove(
            request.organization, client.pk, identity.pk, actor=actor_of(request)
        )
    except (clients.NoSuchClient, workload_identities.NoSuchIdentity) as error:
        raise Http404 from error
    messages.success(request, gettext("The workload identity is removed."))
    return redirect("portal:client", client.pk)


def _added(
    request: PortalRequest, client: OAuthClient, form: WorkloadIdentityForm
) -> WorkloadIdentity | None:
    trust = form.trust()
    if trust is None:
        return None
    try:
        return workload_identities.add(
            request.organization, client.pk, trust, actor=actor_of(request)
        )
    except (
        workload_identities.TrustedAlready,
        workload_identities.TooManyIdentities,
    ) as refused:
        form.add_error(None, str(REFUSALS[type(refused)]))
        return None
    except clients.NoSuchClient as error:
        raise Http404 from error


def _form_page(
    request: PortalRequest,
    client: OAuthClient,
    form: WorkloadIdentityForm,
    *,
    code: int = 200,
) -> HttpResponse:
    context = {"client": client, "form": form}
    return render(request, "portal/connection/add_identity.html", context, status=code)
