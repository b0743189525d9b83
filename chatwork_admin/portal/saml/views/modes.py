"""Off, optional, required: say what it means and who is at risk, then switch."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
)
from chatwork_admin.portal.saml import mode_words, settings_page
from chatwork_admin.portal.signing_in.step_up import step_up
from saml_sso.identity_providers import break_glass, configuration, modes
from saml_sso.identity_providers.locks import NotConfigured
from saml_sso.identity_providers.modes import Mode
from saml_sso.models import identity_provider_of
from saml_sso.sign_in import lock_out

DONE: dict[Mode, Promise] = {
    Mode.OFF: _("SAML sign-in is off. The settings are kept."),
    Mode.OPTIONAL: _("SAML sign-in is optional."),
    Mode.REQUIRED: _("SAML sign-in is required."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Switch SAML sign-in off"))
def off(request: PortalRequest) -> HttpResponse:
    return _switch(request, Mode.OFF)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Make SAML sign-in optional"))
def optional(request: PortalRequest) -> HttpResponse:
    return _switch(request, Mode.OPTIONAL)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Require SAML sign-in"))
def required(request: PortalRequest) -> HttpResponse:
    return _switch(request, Mode.REQUIRED)


def _switch(request: PortalRequest, mode: Mode) -> HttpResponse:
    if request.method != "POST":
        return _page(request, mode)
    try:
        _carry_out(request, mode)
    except modes.NotReady:
        return _page(request, mode, code=422)
    except configuration.StillNeeded:
        return _page(request, mode, code=409)
    except NotConfigured:
        return settings_page.shown(
            request, problem=settings_page.nothing_stored(), code=409
        )
    messages.success(request, str(DONE[mode]))
    return redirect("portal:saml")


def _carry_out(request: PortalRequest, mode: Mode) -> None:
    if mode == Mode.OFF and settings_page.is_needed(request.organization):
        raise configuration.StillNeeded(configuration.StillNeeded.__doc__)
    modes.switch(
        request.organization, mode, administrator=request.user, actor=actor_of(request)
    )


def _page(request: PortalRequest, mode: Mode, *, code: int = 200) -> HttpResponse:
    organization = request.organization
    provider = identity_provider_of(organization)
    if provider is None or (provider.mode == mode and code == 200):  # noqa: PLR2004
        return redirect("portal:saml")
    blockers = modes.blockers(provider, mode, administrator=request.user)
    context = {
        "mode": mode.value,
        "words": mode_words.WORDS[mode],
        "blockers": [mode_words.BLOCKERS[each] for each in blockers],
        "is_refused": code != 200,  # noqa: PLR2004
        "is_needed": mode == Mode.OFF and settings_page.is_needed(organization),
        "preflight": lock_out.preflight(organization, provider)
        if mode == Mode.REQUIRED
        else None,
        "dependents": lock_out.dependents(organization, mode)
        if mode == Mode.OFF
        else None,
        "codes_left": break_glass.codes_left(organization),
    }
    return render(request, "portal/saml/mode.html", context, status=code)
