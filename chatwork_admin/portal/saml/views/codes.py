"""Emergency codes: ten that let the administrator in around SAML, shown once."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.proofs.code_file import code_file
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
)
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.texts import instant_in
from saml_sso import addresses
from saml_sso.identity_providers import break_glass
from saml_sso.models import identity_provider_of


@require_safe
@administrator_only
def page(request: PortalRequest) -> HttpResponse:
    return _page(request)


@administrator_only
@form_of("portal:saml-codes")
@step_up(_("Issue emergency codes"))
def issue(request: PortalRequest) -> HttpResponse:
    """Issue ten codes and show them, this once: they are kept nowhere."""
    try:
        codes = break_glass.issue(
            request.organization,
            seen=instant_in(request.POST.get("seen", "")),
            actor=actor_of(request),
        )
    except break_glass.IssuedMeanwhile:
        problem = gettext(
            "Codes have been issued already since this page was opened. If you do not "
            "have them, issue a new set."
        )
        return _page(request, problem=problem, code=409)
    return _page(request, codes=codes)


@administrator_only
@form_of("portal:saml-codes")
def download(request: PortalRequest) -> HttpResponse:
    """Hand the codes that the page shows back as a file; they come from that page."""
    codes = request.POST.getlist("code")[: break_glass.CODES]
    if not codes or not break_glass.are_good(request.organization, codes):
        problem = gettext("These codes are no longer good. Issue a new set.")
        return _page(request, problem=problem, code=409)
    return code_file(
        request,
        codes,
        name=f"{request.organization.slug}-codes",
        template="portal/saml/codes.txt",
        whose=request.organization.name,
        bypass_url=addresses.bypass_url(request.organization),
    )


def _page(
    request: PortalRequest,
    *,
    codes: tuple[str, ...] = (),
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    organization = request.organization
    present = organization.break_glass_codes.select_related("used_by")
    context = {
        "codes": codes,
        "codes_left": break_glass.codes_left(organization),
        "issued_at": break_glass.issued_at(organization),
        "used": present.exclude(used_at=None).order_by("used_at"),
        "bypass_url": addresses.bypass_url(organization),
        "provider": identity_provider_of(organization),
        "problem": problem,
    }
    return render(request, "portal/saml/codes.html", context, status=code)
