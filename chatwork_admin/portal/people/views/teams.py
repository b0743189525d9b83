from __future__ import annotations

import uuid

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.folding import fold
from chatwork_admin.portal.access import PortalRequest, portal_page
from chatwork_admin.portal.paging import page_of
from chatwork_admin.portal.people.views.users import timeline
from chatwork_admin.portal.texts import is_storable, search_text


@require_safe
@portal_page
def teams(request: PortalRequest) -> HttpResponse:
    text = search_text(request)
    found = request.organization.groups.annotate(size=Count("memberships"))
    if not is_storable(text):
        found = found.none()
    elif text:
        found = found.filter(display_name_key__contains=fold(text))
    context = {
        "text": text,
        "page": page_of(found, "display_name_key", request.GET.dict()),
    }
    return render(request, "portal/people/teams.html", context)


@require_safe
@portal_page
def team(request: PortalRequest, team_id: uuid.UUID) -> HttpResponse:
    group = get_object_or_404(request.organization.groups, pk=team_id)
    members = request.organization.users.filter(groups=group)
    context = {
        "team": group,
        "size": members.count(),
        "page": page_of(members, "user_name_key", request.GET.dict()),
        "events": timeline(request.organization, "group", group.pk),
    }
    return render(request, "portal/people/team.html", context)
