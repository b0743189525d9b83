from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.models import User
from chatwork_admin.portal.access import PortalRequest, may_administer, portal_page
from chatwork_admin.portal.help.error_codes import BY_CODE, ERROR_CODES


@require_safe
def error_codes(request: HttpRequest) -> HttpResponseBase:
    """Show the codes: to strangers alone, to who administers within the portal."""
    if isinstance(request.user, User) and may_administer(request.user):
        return _within_the_portal(request)
    return _codes(request, "portal/help/alone.html")


@require_safe
def error_code(request: HttpRequest, code: str) -> HttpResponse:
    """Lead from `/help/errors/USER-1/` or `/CW-USER-1/` to its row of the table."""
    full = f"CW-{code.upper().removeprefix('CW-')}"
    if full not in BY_CODE:
        raise Http404
    return redirect(f"{reverse('portal:error-codes')}#{full}")


@portal_page
def _within_the_portal(request: PortalRequest) -> HttpResponse:
    return _codes(request, "portal/base.html")


def _codes(request: HttpRequest, frame: str) -> HttpResponse:
    context = {"codes": ERROR_CODES, "frame": frame}
    return render(request, "portal/help/error_codes.html", context)
