"""SAML login: what Entra ID must know of us, and what we trust of it."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from chatwork_admin.portal import refusals
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.forms import IdentityProviderForm, MetadataForm
from chatwork_admin.portal.identity_provider_settings import (
    form_of_metadata,
    form_of_provider,
    settings_of,
)
from chatwork_admin.portal.texts import isolated
from chatwork_admin.synchronization import gate
from saml_sso import addresses, configuration
from saml_sso import metadata as saml_metadata
from saml_sso.models import IdentityProvider, identity_provider_of


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return _page(request)


@administrator_only
@form_of("portal:saml")
def metadata(request: PortalRequest) -> HttpResponse:
    """Show what the metadata says, before anything is saved."""
    form = MetadataForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, metadata_form=form, code=422)
    try:
        found = saml_metadata.read_metadata(
            form.cleaned_data["xml"], now=timezone.now()
        )
    except saml_metadata.InvalidMetadata as invalid:
        form.add_error(None, refusals.metadata_sentence(invalid))
        return _page(request, metadata_form=form, code=422)
    provider = identity_provider_of(request.organization)
    return _preview(request, form_of_metadata(found, provider), found)


@administrator_only
@form_of("portal:saml")
def manual(request: PortalRequest) -> HttpResponse:
    """Show what was typed, before anything is saved."""
    return _preview(request, IdentityProviderForm(request.POST))


@administrator_only
@form_of("portal:saml")
def save(request: PortalRequest) -> HttpResponse:
    """Trust what the preview showed; it is judged again, for it comes from outside."""
    form = IdentityProviderForm(request.POST)
    settings = settings_of(form)
    if settings is None:
        return _page(request, manual_form=form, code=422)
    try:
        configuration.configure(
            request.organization,
            settings,
            actor=actor_of(request),
            seen_version=_seen_version(request),
        )
    except configuration.Superseded as superseded:
        return _page(request, problem=_somebody_saved(superseded), code=409)
    messages.success(request, gettext("The SAML login settings are saved."))
    return redirect("portal:saml")


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
def remove(request: PortalRequest) -> HttpResponse:
    provider = identity_provider_of(request.organization)
    if request.method != "POST":
        return _removal(request, provider)
    try:
        configuration.remove(request.organization, actor=actor_of(request))
    except configuration.StillNeeded:
        return _removal(request, provider, code=409)
    messages.success(request, gettext("The SAML login settings are removed."))
    return redirect("portal:saml")


def _seen_version(request: PortalRequest) -> int | None:
    """Return the stored version that the preview was compared with, None for none."""
    text = request.POST.get("version", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _somebody_saved(superseded: configuration.Superseded) -> str:
    at = timezone.localtime(superseded.changed_at)
    return gettext("%(name)s changed this at %(time)s. Reload and try again.") % {
        "name": isolated(superseded.changed_by or gettext("Somebody else")),
        "time": f"{at:%H:%M}",
    }


def _removal(
    request: PortalRequest,
    provider: IdentityProvider | None,
    *,
    code: int = 200,
) -> HttpResponse:
    if provider is None:
        return redirect("portal:saml")
    context = {"provider": provider, "is_needed": _is_needed(request)}
    return render(request, "portal/saml/remove.html", context, status=code)


def _is_needed(request: PortalRequest) -> bool:
    synchronization = gate.synchronization_of(request.organization)
    return synchronization.identity_provider_id is not None


def _preview(
    request: PortalRequest,
    form: IdentityProviderForm,
    found: saml_metadata.IdentityProviderMetadata | None = None,
) -> HttpResponse:
    settings = settings_of(form)
    if settings is None:
        return _page(request, manual_form=form, code=422)
    context = {
        "settings": settings,
        "certificate_text": "".join(each.pem for each in settings.certificates),
        "expired": found.expired_certificates if found else (),
        "present": identity_provider_of(request.organization),
    }
    return render(request, "portal/saml/preview.html", context)


def _page(
    request: PortalRequest,
    *,
    metadata_form: MetadataForm | None = None,
    manual_form: IdentityProviderForm | None = None,
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    organization = request.organization
    provider = identity_provider_of(organization)
    context = {
        "entity_id": addresses.metadata_url(organization),
        "reply_url": addresses.acs_url(organization),
        "sign_on_url": addresses.sign_on_url(organization),
        "logout_url": addresses.logout_url(organization),
        "dedicated_login": reverse("portal:dedicated-login", args=[organization.slug]),
        "provider": provider,
        "is_needed": _is_needed(request),
        "problem": problem,
        "metadata_form": metadata_form or MetadataForm(),
        "manual_form": manual_form or form_of_provider(provider),
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(organization),
    }
    return render(request, "portal/saml/page.html", context, status=code)
