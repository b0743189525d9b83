"""Ask before untested SAML settings count for everybody, and say who is at risk."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from chatwork_admin.organizations.sessions.kept_forms import fields_of
from chatwork_admin.portal.access import PortalRequest
from chatwork_admin.portal.saml import mode_words, words
from saml_sso.identity_providers import break_glass
from saml_sso.identity_providers.going_live import GoesLive
from saml_sso.identity_providers.ways_in import around_saml, mode_of
from saml_sso.models import SettingsVersion, identity_provider_of
from saml_sso.sign_in import lock_out

CONFIRMED = "confirmed"


def is_confirmed(request: PortalRequest) -> bool:
    return request.POST.get(CONFIRMED) == "yes"


def confirmation(
    request: PortalRequest,
    asked: Promise,
    live: GoesLive,
    *,
    restored: SettingsVersion | None = None,
) -> HttpResponse:
    """Return the page whose form is what was posted, and the confirmation.

    `restored`: the version that would be brought back; it may have passed a test.
    """
    organization = request.organization
    mode = mode_of(identity_provider_of(organization))
    is_safe = around_saml(organization, mode)
    context = {
        "asked": asked,
        "restored": restored,
        "changes": words.changes(live.changes),
        "is_other": any(each["attribute"] == "entity_id" for each in live.changes),
        "mode": mode.value,
        "blocker": None if is_safe else mode_words.NO_WAY_AROUND,
        "dependents": lock_out.dependents(organization, mode),
        "codes_left": break_glass.codes_left(organization),
        "kept": [each for each in fields_of(request.POST) if each[0] != CONFIRMED],
    }
    code = 200 if is_safe else 409
    return render(request, "portal/saml/goes_live.html", context, status=code)


def saved(request: PortalRequest) -> HttpResponse:
    """Lead to the page of the settings, or to a test if they are in use untested."""
    return redirect("portal:saml-test" if is_confirmed(request) else "portal:saml")
