from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import (
    PortalRequest,
    may_open,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.connection.reminders import URGENCY
from chatwork_admin.portal.overview.activity import days_of
from chatwork_admin.portal.overview.to_do import (
    Task,
    of_connection,
    of_people,
    of_sign_in,
    of_synchronization,
    of_their_own,
)
from chatwork_admin.portal.signing_in.emergency import emergency_of
from chatwork_admin.portal.synchronization import readiness
from chatwork_admin.portal.synchronization.status import status_of
from chatwork_admin.synchronization import gate
from saml_sso.identity_providers.ways_in import valid_certificate
from saml_sso.models import identity_provider_of


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    organization = request.organization
    provider = identity_provider_of(organization)
    certificate = valid_certificate(provider)
    emergency = emergency_of(organization, provider)
    synchronization = gate.synchronization_of(organization)
    status = status_of(organization, request.user, synchronization)
    licences = readiness.licences_of(organization)
    tasks = [
        *of_sign_in(provider, certificate, emergency),
        *of_synchronization(status, licences),
        *of_connection(organization),
        *of_people(request.user),
        *of_their_own(request.user),
    ]
    context = {
        "status": status,
        "licences": licences,
        "provider": provider,
        "certificate": certificate,
        "emergency": emergency,
        "days": days_of(organization),
        **_listed(request, tasks),
    }
    return render(request, "portal/overview.html", context)


def _listed(request: PortalRequest, tasks: list[Task]) -> dict[str, object]:
    """Sort the tasks, and say which of them the person has to leave to another."""
    names = {task.url_name for task in tasks}
    return {
        "tasks": sorted(tasks, key=lambda task: URGENCY.index(task.kind)),
        "closed": {name for name in names if not may_open(request.user, name)},
        "no_right": only_the_administrator(request.organization),
    }
