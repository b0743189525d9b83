"""Every version of the SAML settings; each can be brought back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.saml import goes_live, words
from chatwork_admin.portal.signing_in.step_up import step_up
from saml_sso.identity_providers import history, restoring
from saml_sso.identity_providers.going_live import GoesLive
from saml_sso.models import identity_provider_of

MOST_SHOWN = 50


RESTORING = _("Restore SAML login settings")


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return _page(request)


@administrator_only
@step_up(RESTORING)
def restore(request: PortalRequest, number: int) -> HttpResponse:
    versions = request.organization.saml_settings_versions
    version = get_object_or_404(versions, number=number)
    if request.method != "POST":  # whoever had to sign in again comes by GET
        return redirect("portal:saml-versions")
    try:
        restoring.restore(
            request.organization,
            number,
            actor=actor_of(request),
            is_confirmed=goes_live.is_confirmed(request),
        )
    except restoring.CertificatesExpired:
        problem = gettext(
            "Every certificate of version %(number)d has expired. Bring the present "
            "metadata from Entra ID instead."
        ) % {"number": number}
        return _page(request, problem=problem, code=409)
    except GoesLive as live:
        return goes_live.confirmation(request, RESTORING, live, restored=version)
    said = gettext("Version %(number)d is restored, as a new version.")
    messages.success(request, said % {"number": number})
    return goes_live.saved(request)


def _page(
    request: PortalRequest, *, problem: str = "", code: int = 200
) -> HttpResponse:
    organization = request.organization
    versions = history.versions_of(organization, most=MOST_SHOWN)
    provider = identity_provider_of(organization)
    context = {
        "versions": [(each.stored, words.changes(each.changes)) for each in versions],
        "provider": provider,
        "present_number": versions[0].stored.number if provider and versions else None,
        "problem": problem,
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(organization),
    }
    return render(request, "portal/saml/versions.html", context, status=code)
