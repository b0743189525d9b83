"""The support staff's admin site: stock, but for who may enter and what it looks like."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.i18n import set_language

from chatwork_admin.organizations.attempts import known_browsers
from chatwork_admin.support import own_password, proving
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.own_factor import changes, keys, page
from chatwork_admin.support.second_factor import lacks_factor
from chatwork_admin.support.sign_in import SignInForm, go_on

OWN_PAGES = (
    ("key/", keys.request_options, "key-options"),
    ("second-factor/", page.page, "second-factor"),
    ("second-factor/prove/", changes.prove, "prove"),
    ("second-factor/replace/", changes.replace_app, "replace-app"),
    ("second-factor/confirm/", changes.confirm_app, "confirm-app"),
    ("second-factor/codes/", changes.renew_codes, "renew-codes"),
    ("second-factor/codes/file/", changes.download_codes, "download-codes"),
    ("second-factor/key/", keys.add, "security-key"),
    ("second-factor/key/options/", keys.creation_options, "security-key-options"),
    ("second-factor/key/<uuid:key_id>/remove/", keys.remove, "remove-security-key"),
)


class SupportSite(AdminSite):
    site_header = site_title = _("Chatwork Admin support")
    index_title = _("What customers have")
    site_url = None
    login_form = SignInForm

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go on to the support pages, wherever else `next` may point.

        Whoever has signed in without a second factor is led to setting one up.
        """
        if request.method == "GET" and is_staff(request) and not is_let_in(request):
            return redirect("admin:second-factor")
        if not request.GET.get("next", "").startswith(reverse("admin:index")):
            request.GET = QueryDict(urlencode({"next": reverse("admin:index")}))
        response: HttpResponse = super().login(request, extra_context)
        if request.method == "POST" and is_staff(request):
            proving.note(request)
            known_browsers.remember(response, request, staff_member(request).email)
        return response

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Every page keeps the session of whoever is of the staff from lying idle."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if is_staff(request):
                go_on(request)
            response: HttpResponse = inner(request, *args, **kwargs)
            return response

        return wrapper

    def password_change(  # type: ignore[override] # which may redirect, too
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return own_password.page(request)

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff only, with a second factor; whoever else gets their sign-in page."""
        return is_let_in(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        member = request.user if is_staff(request) else None
        about = {"environment": settings.ENVIRONMENT, "member": member}
        return super().each_context(request) | about

    def get_log_entries(self, request: HttpRequest) -> QuerySet[LogEntry]:
        """Nothing is logged here: what staff do is in the customers' audit logs."""
        return LogEntry.objects.none()

    def get_urls(self) -> list[URLPattern | URLResolver]:
        language = path("language/", login_not_required(set_language), name="language")
        own = [
            path(route, never_cache(login_not_required(view)), name=name)
            for route, view, name in OWN_PAGES
        ]
        return [language, *own, *super().get_urls()]


def is_staff(request: HttpRequest) -> bool:
    person: object = request.user
    return isinstance(person, StaffMember) and person.is_active


def is_let_in(request: HttpRequest) -> bool:
    """Whether somebody of the staff has signed in, and has a second factor."""
    person: object = request.user
    return is_staff(request) and not lacks_factor(cast("StaffMember", person))


def staff_member(request: HttpRequest) -> StaffMember:
    """Return who asks; only for views behind `SupportSite.has_permission`."""
    person: object = request.user
    if not isinstance(person, StaffMember):
        raise TypeError(type(person))
    return person
