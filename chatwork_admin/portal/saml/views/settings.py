"""SAML login: what Entra ID must know of us, and what we trust of it."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from chatwork_admin.organizations.sessions.kept_forms import waits
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
    portal_page,
)
from chatwork_admin.portal.saml import goes_live, mode_words, settings_page
from chatwork_admin.portal.saml.identity_provider_settings import settings_of
from chatwork_admin.portal.saml.metadata_problems import fetch_sentence
from chatwork_admin.portal.saml.preview import (
    Unreadable,
    preview,
    preview_of_document,
)
from chatwork_admin.portal.saml.settings_forms import IdentityProviderForm, MetadataForm
from chatwork_admin.portal.saml.settings_page import Forms
from chatwork_admin.portal.signing_in.step_up import step_up
from saml_sso.identity_providers import break_glass, configuration
from saml_sso.identity_providers.going_live import GoesLive
from saml_sso.identity_providers.trust import IdentityProviderSettings
from saml_sso.identity_providers.trusted_addresses import LONGEST_URL
from saml_sso.identity_providers.ways_in import NoWayAround, around_saml
from saml_sso.models import IdentityProvider, identity_provider_of
from saml_sso.remote_metadata import refreshing
from saml_sso.remote_metadata.fetching import NotFetched
from saml_sso.sign_in import lock_out

CHECKING = _("Check the SAML login settings")
SAVING = _("Save the SAML login settings")


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return settings_page.shown(request)


@administrator_only
@form_of("portal:saml")
@waits(CHECKING)
def metadata(request: PortalRequest) -> HttpResponse:
    """Show what the metadata says, before anything is saved."""
    form = MetadataForm(request.POST, request.FILES)
    if not form.is_valid():
        return settings_page.shown(request, Forms(metadata=form), code=422)
    try:
        return preview_of_document(request, form.cleaned_data["xml"])
    except Unreadable as unreadable:
        form.add_error(None, str(unreadable))
        return settings_page.shown(request, Forms(metadata=form), code=422)


@administrator_only
@form_of("portal:saml")
@waits(CHECKING)
def manual(request: PortalRequest) -> HttpResponse:
    """Show what was typed, before anything is saved."""
    return preview(request, IdentityProviderForm(request.POST))


@administrator_only
@form_of("portal:saml")
@step_up(SAVING)
def save(request: PortalRequest) -> HttpResponse:
    """Trust what the preview showed; it is judged again, for it comes from outside."""
    form = IdentityProviderForm(request.POST)
    settings = settings_of(form)
    if settings is None:
        return settings_page.shown(request, Forms(manual=form), code=422)
    try:
        _trust(request, settings)
    except NotFetched as refused:
        problem = fetch_sentence(refused.reason.value)
        return settings_page.shown(request, problem=problem, code=422)
    except configuration.Superseded as superseded:
        problem = settings_page.somebody_saved(superseded)
        return settings_page.shown(request, problem=problem, code=409)
    except GoesLive as live:
        return goes_live.confirmation(request, SAVING, live)
    messages.success(request, gettext("The SAML login settings are saved."))
    return goes_live.saved(request)


@transaction.atomic
def _trust(request: PortalRequest, settings: IdentityProviderSettings) -> None:
    """Save, and look every night at the address it came from, if that was ticked."""
    organization, actor = request.organization, actor_of(request)
    seen = settings_page.seen_version(request)
    provider = configuration.configure(
        organization,
        settings,
        actor=actor,
        seen_version=seen,
        is_confirmed=goes_live.is_confirmed(request),
    )
    if watched := request.POST.get("watched", "")[:LONGEST_URL]:
        activates = provider.activates_new_certificates
        refreshing.watch(organization, watched, activates=activates, actor=actor)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Remove the SAML login settings"))
def remove(request: PortalRequest) -> HttpResponse:
    provider = identity_provider_of(request.organization)
    if request.method != "POST":
        return _removal(request, provider)
    try:
        configuration.remove(request.organization, actor=actor_of(request))
    except (configuration.StillNeeded, NoWayAround):
        return _removal(request, provider, code=409)
    messages.success(request, gettext("The SAML login settings are removed."))
    return redirect("portal:saml")


def _removal(
    request: PortalRequest,
    provider: IdentityProvider | None,
    *,
    code: int = 200,
) -> HttpResponse:
    if provider is None:
        return redirect("portal:saml")
    organization, off = request.organization, IdentityProvider.Mode.OFF
    context = {
        "provider": provider,
        "is_needed": settings_page.is_needed(organization),
        "blocker": None if around_saml(organization, off) else mode_words.NO_WAY_AROUND,
        "dependents": lock_out.dependents(organization, off),
        "codes_left": break_glass.codes_left(organization),
    }
    return render(request, "portal/saml/remove.html", context, status=code)
