"""What pages say of users who are deleted, and of those who are no more."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Group, Organization, User
from chatwork_admin.portal.access import PortalRequest
from chatwork_admin.synchronization.models import Tombstone


def departed(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    """Answer 410 (gone) and say what became of a user; raise Http404 for a stranger."""
    event = _end_of(request.organization, user_id)
    if event is None:
        raise Http404
    is_erased = event.action == Action.USER_PURGED
    people = request.organization.users
    successor = None if is_erased else people.filter(pk=event.target["id"]).first()
    context = {"event": event, "is_erased": is_erased, "successor": successor}
    return render(request, "portal/people/departed.html", context, status=410)


def teams_of(person: User) -> QuerySet[Group]:
    """Return the teams that somebody is in, or would be in again if restored."""
    groups = person.organization.groups.order_by("display_name_key")
    if person.deleted_at is None:
        return groups.filter(memberships__user=person)
    tombstone = Tombstone.objects.filter(user=person).first()
    return groups.filter(pk__in=tombstone.teams if tombstone else [])


def _end_of(organization: Organization, user_id: uuid.UUID) -> AuditEvent | None:
    events = AuditEvent.objects.filter(organization_id=organization.pk)
    erased = Q(action=Action.USER_PURGED, target__id=str(user_id))
    succeeded = Q(action=Action.USER_RESTORED, context__predecessor=str(user_id))
    return events.filter(erased | succeeded).order_by("-pk").first()
