"""Metadata by its address: a worker fetches it, and looks again every night."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.sessions.kept_forms import waits
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
)
from chatwork_admin.portal.saml import settings_page
from chatwork_admin.portal.saml.forms import MetadataAddressForm, WatchForm
from chatwork_admin.portal.saml.metadata_problems import fetch_sentence, hint_about
from chatwork_admin.portal.saml.preview import Unreadable, preview_of_document
from chatwork_admin.portal.saml.settings_page import Forms
from chatwork_admin.portal.signing_in.step_up import step_up
from saml_sso.identity_providers.locks import NotConfigured
from saml_sso.models import MetadataFetch
from saml_sso.remote_metadata import refreshing, requests
from saml_sso.remote_metadata.fetching import NotFetched


@administrator_only
@form_of("portal:saml")
@waits(_("Fetch the metadata"))
def fetch(request: PortalRequest) -> HttpResponse:
    form = MetadataAddressForm(request.POST)
    if not form.is_valid():
        return settings_page.shown(request, Forms(address=form), code=422)
    try:
        asked = requests.request_metadata(
            request.organization, form.cleaned_data["address"], actor=actor_of(request)
        )
    except NotFetched as refused:
        form.add_error("address", fetch_sentence(refused.reason.value, refused.status))
        return settings_page.shown(request, Forms(address=form), code=422)
    return redirect("portal:saml-fetched", asked.pk)


@require_safe
@administrator_only
def fetched(request: PortalRequest, fetch_id: uuid.UUID) -> HttpResponse:
    """Show what came back; wait for it until then."""
    fetches = request.organization.metadata_fetches
    asked = fetches.filter(pk=fetch_id, purpose=MetadataFetch.Purpose.PREVIEW).first()
    if asked is None:
        messages.warning(request, gettext("This is over. Fetch the metadata again."))
        return redirect("portal:saml")
    if asked.is_pending:
        context = {"asked": asked, "hint": hint_about(asked.url)}
        return render(request, "portal/saml/fetching.html", context)
    if asked.problem:
        return _refused(request, asked, fetch_sentence(asked.problem, asked.status))
    try:
        document = bytes(asked.document or b"")
        return preview_of_document(request, document, address=asked.url)
    except Unreadable as unreadable:
        return _refused(request, asked, str(unreadable))


@administrator_only
@form_of("portal:saml")
@step_up(_("Change where new certificates are looked for"))
def watch(request: PortalRequest) -> HttpResponse:
    form = WatchForm(request.POST)
    if not form.is_valid():
        return settings_page.shown(request, Forms(watch=form), code=422)
    try:
        refreshing.watch(
            request.organization,
            form.cleaned_data["watched"],
            activates=form.cleaned_data["activates"],
            actor=actor_of(request),
        )
    except NotFetched as refused:
        form.add_error("watched", fetch_sentence(refused.reason.value, refused.status))
        return settings_page.shown(request, Forms(watch=form), code=422)
    except NotConfigured:
        return settings_page.shown(
            request, problem=settings_page.nothing_stored(), code=409
        )
    messages.success(request, gettext("The address of the metadata is saved."))
    return redirect("portal:saml")


def _refused(
    request: PortalRequest, asked: MetadataFetch, problem: str
) -> HttpResponse:
    form = MetadataAddressForm({"address": asked.url})
    for sentence in filter(None, (problem, hint_about(asked.url))):
        form.add_error("address", str(sentence))
    return settings_page.shown(request, Forms(address=form), code=422)
