"""Show what SAML settings would be saved, and what that would change."""

from __future__ import annotations

from django.conf import settings as environment
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chatwork_admin.portal.access import PortalRequest
from chatwork_admin.portal.saml import refusals, settings_page
from chatwork_admin.portal.saml.identity_provider_settings import (
    changes_by,
    form_of_metadata,
    settings_of,
)
from chatwork_admin.portal.saml.metadata_problems import hint_about
from chatwork_admin.portal.saml.settings_forms import IdentityProviderForm
from chatwork_admin.portal.saml.settings_page import Forms
from saml_sso.identity_providers.metadata import IdentityProviderMetadata, read_metadata
from saml_sso.identity_providers.metadata_reasons import InvalidMetadata
from saml_sso.models import identity_provider_of


class Unreadable(Exception):
    """The document is no metadata that may be saved; the message says why."""


def preview_of_document(
    request: PortalRequest, xml: bytes, *, address: str = ""
) -> HttpResponse:
    """Show what metadata says; `address` is where it came from. Raises Unreadable."""
    try:
        found = read_metadata(
            xml, now=timezone.now(), stand_ins=environment.SAML_STAND_INS
        )
    except InvalidMetadata as invalid:
        raise Unreadable(refusals.metadata_sentence(invalid)) from invalid
    provider = identity_provider_of(request.organization)
    form = form_of_metadata(found, provider)
    return preview(request, form, found, address=address)


def preview(
    request: PortalRequest,
    form: IdentityProviderForm,
    found: IdentityProviderMetadata | None = None,
    *,
    address: str = "",
) -> HttpResponse:
    """Show the settings of a form, or the form with what is wrong with it."""
    settings = settings_of(form)
    if settings is None:
        return settings_page.shown(request, Forms(manual=form), code=422)
    present = identity_provider_of(request.organization)
    context = {
        "settings": settings,
        "certificate_text": "".join(each.pem for each in settings.certificates),
        "expired": found.expired_certificates if found else (),
        "present": present,
        "changes": changes_by(settings, present),
        "address": address,
        "hint": hint_about(address),
    }
    return render(request, "portal/saml/preview.html", context)
