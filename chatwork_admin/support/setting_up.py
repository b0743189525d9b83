"""The page on which somebody of the staff sets up an app, at first sign-in."""

from __future__ import annotations

import segno
from django import forms
from django.contrib import admin
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from chatwork_admin.organizations import recovery_codes, second_factor
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.second_factor import confirm
from chatwork_admin.support.sign_in import actor_for, go_on

PAGE = "admin:second-factor"


class AppForm(forms.Form):
    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=24,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@sensitive_post_parameters("code", "password")
def page(request: HttpRequest) -> HttpResponse:
    """Begin, then take into use what shows the right code; codes are shown this once."""
    member: object = request.user
    if not isinstance(member, StaffMember) or not go_on(request):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if request.method != "POST" or second_factor.is_set_up(member):
        return _page(request, member)
    if "code" not in request.POST:
        second_factor.begin(member)
        return redirect(PAGE)
    return _confirmed(request, member, AppForm(request.POST))


def _confirmed(
    request: HttpRequest, member: StaffMember, form: AppForm
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, member, form)
    if not _knows_password(request, member, form.cleaned_data["password"]):
        form.add_error("password", gettext("The password is wrong."))
        return _page(request, member, form)
    actor = actor_for(request, member)
    try:
        codes = confirm(member, form.cleaned_data["code"], actor=actor)
    except second_factor.WrongCode:
        form.add_error("code", gettext("This is not the code that the app shows now."))
        return _page(request, member, form)
    # This session is the one that stays.
    update_session_auth_hash(request, member)  # type: ignore[arg-type] # the stubs know one kind of user
    return _page(request, member, codes=codes)


def _knows_password(request: HttpRequest, member: StaffMember, password: str) -> bool:
    """Ask as at the door, where attempts are counted; there is no app yet."""
    return authenticate(request, username=member.email, password=password) is not None


def _page(
    request: HttpRequest,
    member: StaffMember,
    form: AppForm | None = None,
    *,
    codes: tuple[str, ...] = (),
) -> HttpResponse:
    pending = second_factor.pending_of(member)
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": gettext("Second factor"),
        "is_set_up": second_factor.is_set_up(member),
        "pending": pending,
        "picture": _picture(pending.address) if pending else "",
        "form": form or AppForm(),
        "codes": codes,
        "codes_left": recovery_codes.codes_left(member),
    }
    status = 422 if form else 200
    return TemplateResponse(
        request, "support/second_factor.html", context, status=status
    )


def _picture(address: str) -> str:
    drawn: str = segno.make(address, error="m").svg_data_uri(scale=5, light="white")
    return drawn
