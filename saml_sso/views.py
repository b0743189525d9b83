from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.models import Organization
from saml_sso import service_provider


@require_safe
def metadata(request: HttpRequest, public_id: str) -> HttpResponse:
    organization = get_object_or_404(Organization, public_id=public_id)
    document = service_provider.metadata(organization)
    return HttpResponse(document, content_type="application/samlmetadata+xml")
