"""What everybody has here, also who administers nothing: themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.models import User
from chatwork_admin.portal.access import PersonalRequest, home_of, personal_page


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Lead people to where they have something to do."""
    if isinstance(request.user, User):
        return redirect(home_of(request.user))
    return redirect("portal:overview")


@require_safe
@personal_page
def page(request: PersonalRequest) -> HttpResponse:
    context = {"organization": request.user.organization}
    return render(request, "portal/account.html", context)
