"""Somebody of the staff changes their own password, with every proof they have."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from chatwork_admin.organizations.proofs import security_keys
from chatwork_admin.organizations.proofs.new_password_form import NewPasswordForm
from chatwork_admin.support import proving
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.own_factor.page import of_staff, stay
from chatwork_admin.support.proving import ProofForm
from chatwork_admin.support.sign_in import actor_for
from chatwork_admin.support.staff import change_password


class PasswordForm(NewPasswordForm, ProofForm):
    """A new password, and the proof of whose it is."""


@sensitive_post_parameters("password", "code", "key", "new_password", "repeated")
@of_staff
def page(request: HttpRequest, member: StaffMember) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, member, PasswordForm(member))
    form = PasswordForm(member, request.POST)
    if form.is_valid():
        proving.check(request, member, form)
    if not form.is_valid():
        return _shown(request, member, form)
    actor = actor_for(request, member)
    change_password(member, form.cleaned_data["new_password"], actor=actor)
    stay(request, member)
    return redirect("admin:password_change_done")


def _shown(
    request: HttpRequest, member: StaffMember, form: PasswordForm
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "is_nav_sidebar_enabled": False,
        "title": gettext("Change your password"),
        "form": form,
        "keys": security_keys.of(member),
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "support/password.html", context, status=status)
