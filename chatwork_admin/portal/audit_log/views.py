from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.portal.access import PortalRequest, portal_page
from chatwork_admin.portal.alike import folded
from chatwork_admin.portal.audit_log.forms import AuditFilterForm
from chatwork_admin.portal.audit_log.search import LOOKED_THROUGH, Search, search
from chatwork_admin.portal.paging import page_of
from scim import limits


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    events = AuditEvent.objects.filter(organization_id=request.organization.pk)
    form = AuditFilterForm(request.GET)
    is_filtered = form.is_valid() and any(form.cleaned_data.values())
    searched = _searched(request, events, form)
    found = page_of(searched.found, "-pk", request.GET.dict())
    context = {
        "form": form,
        "is_filtered": is_filtered,
        "searched": searched,
        "looked_through": LOOKED_THROUGH,
        "most_recorded": limits.MAX_RECORDED,
        "page": found,
        "events": folded(request.organization, found.rows),
    }
    status = 422 if form.errors else 200
    return render(request, "portal/audit.html", context, status=status)


def _searched(
    request: PortalRequest, events: QuerySet[AuditEvent], form: AuditFilterForm
) -> Search:
    if not form.is_valid():
        return Search(events.none())
    filtered = _filtered(events, form)
    text = form.cleaned_data["text"]
    if not text:
        return Search(filtered)
    return search(filtered, text, request.GET.get("start", ""))


def _filtered(
    events: QuerySet[AuditEvent], form: AuditFilterForm
) -> QuerySet[AuditEvent]:
    wanted = form.cleaned_data
    if wanted["action"]:
        events = events.filter(action=wanted["action"])
    if wanted["since"]:
        events = events.filter(pk__gte=_first_of(wanted["since"]))
    if wanted["until"]:
        next_day = wanted["until"] + timedelta(days=1)
        events = events.filter(pk__lt=_first_of(next_day))
    return events


def _first_of(day: date) -> uuid.UUID:
    """Ids are in the order of time, and in every index of events."""
    return first_id_at(timezone.make_aware(datetime.combine(day, time.min)))
