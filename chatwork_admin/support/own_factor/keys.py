"""Security keys and passkeys of the support staff: asked for, added, removed."""

from __future__ import annotations

import uuid
from functools import partial

from django import forms
from django.contrib import admin
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from chatwork_admin.organizations.proofs import challenges, second_factor, security_keys
from chatwork_admin.organizations.proofs.challenges import Purpose
from chatwork_admin.organizations.proofs.web_authentication import NotGenuine
from chatwork_admin.organizations.visible_text import VISIBLE
from chatwork_admin.support import proving
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.own_factor.page import (
    PAGE,
    of_staff,
    proven,
    shown,
    stay,
)
from chatwork_admin.support.proving import password_field
from chatwork_admin.support.second_factor import add_key, remove_key
from chatwork_admin.support.sign_in import LONGEST_ANSWER, actor_for

REFUSED: dict[type[Exception], Promise] = {
    NotGenuine: _("The key was not registered in time. Please try again."),
    security_keys.KnownAlready: _("This key is registered already."),
    security_keys.TooMany: _("You have ten keys. Remove one first."),
}


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the key"),
        max_length=60,
        validators=[VISIBLE],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = password_field()
    key = forms.CharField(max_length=LONGEST_ANSWER, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, asks_password: bool = True
    ) -> None:
        super().__init__(data)
        if not asks_password:
            del self.fields["password"]


def request_options(request: HttpRequest) -> HttpResponse:
    """Return what a browser is to ask a key, whoever is in front of it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = request.user if isinstance(request.user, AbstractBaseUser) else None
    options = partial(security_keys.request_options, person=person)
    return challenges.ask(Purpose.PROVE, options)


@of_staff
def creation_options(request: HttpRequest, member: StaffMember) -> HttpResponse:
    if request.method != "POST":
        return redirect(PAGE)
    options = partial(security_keys.creation_options, person=member)
    return challenges.ask(Purpose.REGISTER, options)


@sensitive_post_parameters("password", "key")
@of_staff
def add(request: HttpRequest, member: StaffMember) -> HttpResponse:
    """Add a key; a first one with the password, others after a fresh proof."""
    is_set_up = second_factor.is_set_up(member)
    if is_set_up and not proving.is_fresh(request):
        return redirect(PAGE)
    if request.method != "POST":
        return _page(request, KeyForm(asks_password=not is_set_up))
    form = KeyForm(request.POST, asks_password=not is_set_up)
    if (
        form.is_valid()
        and not is_set_up
        and not proving.knows(request, member, form.cleaned_data["password"])
    ):
        form.add_error("password", gettext("The password is wrong."))
    return _added(request, member, form)


@of_staff
@proven
def remove(
    request: HttpRequest, member: StaffMember, key_id: uuid.UUID
) -> HttpResponse:
    try:
        remove_key(member, key_id, actor=actor_for(request, member))
    except second_factor.LastFactor:
        problem = gettext(
            "This is the only second factor you have. Set up another first."
        )
        return shown(request, member, problem=problem)
    stay(request, member)
    return redirect(PAGE)


def _added(request: HttpRequest, member: StaffMember, form: KeyForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form)
    said = form.cleaned_data
    answer = security_keys.answer_in(said["key"], request, Purpose.REGISTER)
    try:
        actor = actor_for(request, member)
        codes = add_key(member, answer, said["name"], actor=actor)
    except tuple(REFUSED) as refused:
        form.add_error(None, str(REFUSED[type(refused)]))
        return _page(request, form)
    stay(request, member)
    return shown(request, member, codes=codes) if codes else redirect(PAGE)


def _page(request: HttpRequest, form: KeyForm) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": gettext("Add a security key"),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(
        request, "support/security_key.html", context, status=status
    )
