from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import PortalRequest, portal_page
from chatwork_admin.portal.saml.settings_forms import SignInFilterForm
from chatwork_admin.portal.saml.sign_ins import page_of_sign_ins


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    form = SignInFilterForm(request.GET)
    kind = form.cleaned_data["show"] if form.is_valid() else ""
    found, sign_ins = page_of_sign_ins(request.organization, kind, request.GET.dict())
    context = {"form": form, "kind": kind, "page": found, "sign_ins": sign_ins}
    return render(request, "portal/saml/sign_ins.html", context)
