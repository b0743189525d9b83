from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import PortalRequest, portal_page
from chatwork_admin.portal.saml_sign_ins import SHOWN, sign_ins_of


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    context = {"sign_ins": sign_ins_of(request.organization), "shown": SHOWN}
    return render(request, "portal/saml/sign_ins.html", context)
