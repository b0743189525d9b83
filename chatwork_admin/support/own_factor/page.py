"""The page on which somebody of the staff sees, and first sets up, a second factor."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django import forms
from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.proofs import (
    recovery_codes,
    second_factor,
    security_keys,
)
from chatwork_admin.organizations.proofs.one_time_codes import WrongCode
from chatwork_admin.support import proving
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.proving import ProofForm, password_field
from chatwork_admin.support.second_factor import confirm
from chatwork_admin.support.sign_in import actor_for, go_on

P = ParamSpec("P")
PAGE = "admin:second-factor"
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
MemberView = Callable[Concatenate[HttpRequest, StaffMember, P], HttpResponse]


class AppForm(forms.Form):
    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=24,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )
    password = password_field()

    def __init__(
        self, data: QueryDict | None = None, *, asks_password: bool = True
    ) -> None:
        super().__init__(data)
        if not asks_password:
            del self.fields["password"]


def of_staff(view: MemberView[P]) -> View[P]:
    """Let in somebody of the staff, also who has no second factor yet."""

    @wraps(view)
    def wrapper(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        member: object = request.user
        if not isinstance(member, StaffMember) or not go_on(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return view(request, member, *args, **kwargs)

    return wrapper


def proven(view: MemberView[P]) -> MemberView[P]:
    """Take a form of who has proven lately who they are; lead others to the proof."""

    @wraps(view)
    def wrapper(
        request: HttpRequest, member: StaffMember, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        is_asked = request.method == "POST" and second_factor.is_set_up(member)
        if not is_asked or not proving.is_fresh(request):
            return redirect(PAGE)
        return view(request, member, *args, **kwargs)

    return wrapper


@of_staff
def page(request: HttpRequest, member: StaffMember) -> HttpResponse:
    """Begin, then take into use what shows the right code; codes are shown this once."""
    if request.method != "POST" or second_factor.is_set_up(member):
        return shown(request, member)
    if "code" not in request.POST:
        second_factor.begin(member)
        return redirect(PAGE)
    form = AppForm(request.POST)
    if form.is_valid() and not proving.knows(
        request, member, form.cleaned_data["password"]
    ):
        form.add_error("password", gettext("The password is wrong."))
    return confirmed(request, member, form)


def confirmed(request: HttpRequest, member: StaffMember, form: AppForm) -> HttpResponse:
    """Take the app into use that shows the code in the form, if the form is right."""
    if not form.is_valid():
        return shown(request, member, form)
    actor = actor_for(request, member)
    try:
        codes = confirm(member, form.cleaned_data["code"], actor=actor)
    except WrongCode:
        form.add_error("code", gettext("This is not the code that the app shows now."))
        return shown(request, member, form)
    stay(request, member)
    return shown(request, member, codes=codes)


def stay(request: HttpRequest, member: StaffMember) -> None:
    """Let this session go on, where all of the member's have just ended."""
    update_session_auth_hash(request, member)  # type: ignore[arg-type] # the stubs know one kind of user
    proving.note(request)


def shown(
    request: HttpRequest,
    member: StaffMember,
    form: AppForm | None = None,
    *,
    proof: ProofForm | None = None,
    codes: tuple[str, ...] = (),
    problem: str = "",
) -> HttpResponse:
    is_set_up = second_factor.is_set_up(member)
    context = {
        **admin.site.each_context(request),
        **_factors(member, is_open=is_set_up and proving.is_fresh(request)),
        "is_nav_sidebar_enabled": False,
        "title": gettext("Second factor"),
        "form": form or AppForm(asks_password=not is_set_up),
        "proof": proof or ProofForm(),
        "codes": codes,
        "problem": problem,
    }
    status = 422 if form or proof or problem else 200
    template = "support/second_factor.html"
    return TemplateResponse(request, template, context, status=status)


def _factors(member: StaffMember, *, is_open: bool) -> dict[str, object]:
    """Return what the page says of the member; what is being set up, if it may be seen."""
    is_set_up = second_factor.is_set_up(member)
    pending = second_factor.pending_of(member)
    return {
        "is_set_up": is_set_up,
        "is_open": is_open,
        "has_app": second_factor.has_app(member),
        "keys": security_keys.of(member),
        "pending": pending if is_open or not is_set_up else None,
        "codes_left": recovery_codes.codes_left(member),
        "issued_at": recovery_codes.issued_at(member),
    }
