"""The hand-over sheet, to be printed or sent on: for everybody who may see Connection."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import PortalRequest, portal_page
from chatwork_admin.portal.connection.sheet import parts_of
from chatwork_admin.portal.texts import one_line


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return render(request, "portal/connection/sheet.html", _context(request))


@require_safe
@portal_page
def download(request: PortalRequest) -> HttpResponse:
    kind = "text/plain; charset=utf-8"
    context = _context(request)
    text = render(request, "portal/connection/sheet.txt", context, content_type=kind)
    name = f"chatwork-{request.organization.slug}-entra-id.txt"
    text["Content-Disposition"] = f'attachment; filename="{name}"'
    return text


def _context(request: PortalRequest) -> dict[str, object]:
    return {
        "parts": parts_of(request.organization),
        "name": one_line(request.organization.name),
        "today": timezone.localdate(),
    }
