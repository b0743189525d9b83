"""How sign-ins by SAML are done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
)
from chatwork_admin.portal.saml import goes_live, settings_page
from chatwork_admin.portal.saml.forms import OptionsForm
from chatwork_admin.portal.saml.settings_page import Forms
from chatwork_admin.portal.signing_in.step_up import step_up
from saml_sso.identity_providers import configuration
from saml_sso.identity_providers.going_live import GoesLive
from saml_sso.identity_providers.locks import NotConfigured

SAVING = _("Save the SAML login options")


@administrator_only
@form_of("portal:saml")
@step_up(SAVING)
def save(request: PortalRequest) -> HttpResponse:
    form = OptionsForm(request.POST)
    if not form.is_valid():
        return settings_page.shown(request, Forms(options=form), code=422)
    try:
        configuration.change_options(
            request.organization,
            form.options(),
            actor=actor_of(request),
            seen_version=settings_page.seen_version(request),
            is_confirmed=goes_live.is_confirmed(request),
        )
    except configuration.Superseded as superseded:
        problem = settings_page.somebody_saved(superseded)
        return settings_page.shown(request, problem=problem, code=409)
    except GoesLive as live:
        return goes_live.confirmation(request, SAVING, live)
    except NotConfigured:
        return settings_page.shown(
            request, problem=settings_page.nothing_stored(), code=409
        )
    messages.success(request, gettext("The options are saved."))
    return goes_live.saved(request)
