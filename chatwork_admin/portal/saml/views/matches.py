from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import PortalRequest, portal_page
from chatwork_admin.portal.saml.matches import report


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    query = request.GET.dict()
    context = report(request.organization, query.get("kind", ""), query)
    return render(request, "portal/saml/matches.html", context)
