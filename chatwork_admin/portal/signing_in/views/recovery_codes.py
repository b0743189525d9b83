"""Ten codes for whoever has lost the second factor: issued anew, kept as a file."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from chatwork_admin.organizations.proofs import recovery_codes, second_factor
from chatwork_admin.organizations.proofs.code_file import code_file
from chatwork_admin.portal.access import PortalRequest, actor_of, form_of, portal_page
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.signing_in.views.second_factor import (
    PAGE,
    second_factor_page,
)
from chatwork_admin.portal.texts import instant_in


@portal_page
@form_of(PAGE)
@step_up(_("Issue recovery codes"))
def renew(request: PortalRequest) -> HttpResponse:
    """Issue ten codes and show them, this once; without an app there is no need."""
    if not second_factor.is_set_up(request.user):
        return redirect(PAGE)
    try:
        codes = recovery_codes.renew(
            request.user,
            seen=instant_in(request.POST.get("seen", "")),
            actor=actor_of(request),
        )
    except recovery_codes.IssuedMeanwhile:
        problem = gettext(
            "Codes have been issued already since this page was opened. If you do not "
            "have them, issue a new set."
        )
        return second_factor_page(request, problem=problem, code=409)
    return second_factor_page(request, codes=codes)


@sensitive_post_parameters("code")
@portal_page
@form_of(PAGE)
def download(request: PortalRequest) -> HttpResponse:
    """Hand the codes that the page shows back as a file; they come from that page."""
    codes = request.POST.getlist("code")[: recovery_codes.CODES]
    if not recovery_codes.are_good(request.user, codes):
        problem = gettext("These codes are no longer good. Issue a new set.")
        return second_factor_page(request, problem=problem, code=409)
    whose = request.user.user_name
    return code_file(request, codes, name="recovery-codes", whose=whose)
