"""What somebody of the staff changes of their second factor, after a fresh proof."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from chatwork_admin.organizations.proofs import recovery_codes, second_factor
from chatwork_admin.organizations.proofs.code_file import code_file
from chatwork_admin.support import proving
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.own_factor.page import (
    PAGE,
    AppForm,
    confirmed,
    of_staff,
    proven,
    shown,
)
from chatwork_admin.support.sign_in import actor_for


@sensitive_post_parameters("password", "code", "key")
@of_staff
def prove(request: HttpRequest, member: StaffMember) -> HttpResponse:
    if request.method != "POST" or not second_factor.is_set_up(member):
        return redirect(PAGE)
    form = proving.prove(request, member, request.POST)
    return redirect(PAGE) if form.is_valid() else shown(request, member, proof=form)


@of_staff
@proven
def replace_app(request: HttpRequest, member: StaffMember) -> HttpResponse:
    """Choose a secret for another app; the present one counts until it has shown a code."""
    second_factor.begin(member)
    return redirect(PAGE)


@sensitive_post_parameters("code")
@of_staff
@proven
def confirm_app(request: HttpRequest, member: StaffMember) -> HttpResponse:
    return confirmed(request, member, AppForm(request.POST, asks_password=False))


@of_staff
@proven
def renew_codes(request: HttpRequest, member: StaffMember) -> HttpResponse:
    """Issue ten codes and show them, this once."""
    try:
        codes = recovery_codes.renew(
            member,
            seen=_instant(request.POST.get("seen", "")),
            actor=actor_for(request, member),
        )
    except recovery_codes.IssuedMeanwhile:
        problem = gettext(
            "Codes have been issued already since this page was opened. If you do not "
            "have them, issue a new set."
        )
        return shown(request, member, problem=problem)
    return shown(request, member, codes=codes)


@sensitive_post_parameters("code")
@of_staff
def download_codes(request: HttpRequest, member: StaffMember) -> HttpResponse:
    """Hand the codes that the page shows back as a file; they come from that page."""
    codes = request.POST.getlist("code")[: recovery_codes.CODES]
    if request.method != "POST":
        return redirect(PAGE)
    if not recovery_codes.are_good(member, codes):
        problem = gettext("These codes are no longer good. Issue a new set.")
        return shown(request, member, problem=problem)
    name = "support-recovery-codes"
    return code_file(request, codes, name=name, whose=member.email)


def _instant(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None
