"""The second factor: what there is of it; set up an app, replace it, remove it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from chatwork_admin.organizations.models import User
from chatwork_admin.organizations.proofs import (
    recovery_codes,
    second_factor,
    security_keys,
)
from chatwork_admin.organizations.proofs.one_time_codes import WrongCode
from chatwork_admin.organizations.sessions import kept_forms
from chatwork_admin.organizations.sessions.recognition import session_behind
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
    name_of,
    portal_page,
)
from chatwork_admin.portal.signing_in import app_set_up, by_password
from chatwork_admin.portal.signing_in.proof_forms import AppForm
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.texts import isolated

PAGE = "portal:second-factor"
LAST_FACTOR = gettext_noop(
    "A second factor is required here, and this is the only one you have. Set up "
    "another first."
)


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return second_factor_page(request)


@portal_page
@form_of(PAGE)
def begin(request: PortalRequest) -> HttpResponse:
    """Choose a secret for a first app; it counts once the password comes with a code."""
    if not second_factor.is_set_up(request.user):
        app_set_up.begin(request)
    return redirect(PAGE)


@portal_page
@form_of(PAGE)
@step_up(_("Use another app for one-time codes"))
def replace(request: PortalRequest) -> HttpResponse:
    app_set_up.begin(request)
    return redirect(PAGE)


@sensitive_post_parameters("password", "code")
@portal_page
@form_of(PAGE)
def confirm(request: PortalRequest) -> HttpResponse:
    """Take a first app into use: whoever types its code knows the password, too."""
    if second_factor.is_set_up(request.user):
        return redirect(PAGE)
    form = AppForm(request.POST)
    if form.is_valid() and not knows_password(request, form.cleaned_data["password"]):
        form.add_error("password", gettext("The password is wrong."))
    return _confirmed(request, form)


@sensitive_post_parameters("code")
@portal_page
@form_of(PAGE)
@step_up(_("Use another app for one-time codes"))
def confirm_replacement(request: PortalRequest) -> HttpResponse:
    if not second_factor.is_set_up(request.user):
        return redirect(PAGE)
    return _confirmed(request, AppForm(request.POST, asks_password=False))


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
@step_up(_("Remove the app for one-time codes"))
def remove(request: PortalRequest) -> HttpResponse:
    if request.method != "POST":
        return _removal_of_app(request)
    try:
        second_factor.remove_app(request.user, actor=actor_of(request))
    except second_factor.LastFactor:
        messages.error(request, gettext(LAST_FACTOR))
    else:
        messages.success(
            request, gettext("The codes of the app open nothing any more.")
        )
    return redirect(PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_only
@step_up(_("Remove somebody's second factor"))
def remove_of(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    """Help somebody who has lost it all: the password alone lets them in until then."""
    person = get_object_or_404(request.organization.users, pk=user_id)
    page = reverse("portal:user", args=[person.pk])
    if request.method != "POST":
        return _removal(request, person, page)
    second_factor.remove(person, actor=actor_of(request))
    done = gettext("The second factor of %(name)s is removed.")
    messages.success(request, done % {"name": isolated(name_of(person))})
    return redirect(page)


def _removal_of_app(request: PortalRequest) -> HttpResponse:
    if not second_factor.has_app(request.user):
        return redirect(PAGE)
    return render(request, "portal/app_removal.html")


def _removal(request: PortalRequest, person: User, page: str) -> HttpResponse:
    """Ask before it is done; there is nothing to ask without any."""
    if not second_factor.is_set_up(person):
        return redirect(page)
    context = {"person": person, "page": page}
    return render(request, "portal/second_factor_removal.html", context)


def knows_password(request: PortalRequest, password: str) -> bool:
    try:
        by_password.require_password(request, password)
    except by_password.SignInRefused:
        return False
    return True


def _confirmed(request: PortalRequest, form: AppForm) -> HttpResponse:
    session = session_behind(request)
    if app_set_up.pending_in(request) is None:
        messages.error(request, gettext("Please begin again; nothing was changed."))
        return redirect(PAGE)
    if session is None or not form.is_valid():
        return second_factor_page(request, form, code=422)
    try:
        codes = second_factor.confirm(
            request.user,
            form.cleaned_data["code"],
            session=session,
            actor=actor_of(request),
        )
    except WrongCode:
        form.add_error("code", gettext("This is not the code that the app shows now."))
        return second_factor_page(request, form, code=422)
    messages.success(request, gettext("One-time codes are set up."))
    return second_factor_page(request, codes=codes)


def second_factor_page(
    request: PortalRequest,
    form: AppForm | None = None,
    *,
    codes: tuple[str, ...] = (),
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    is_set_up = second_factor.is_set_up(request.user)
    pending = app_set_up.pending_in(request)
    context = {
        "is_set_up": is_set_up,
        "has_app": second_factor.has_app(request.user),
        "keys": security_keys.of(request.user),
        "pending": pending,
        "form": form or AppForm(asks_password=not is_set_up),
        "has_password": request.user.has_usable_password(),
        "codes": codes,
        "codes_left": recovery_codes.codes_left(request.user),
        "issued_at": recovery_codes.issued_at(request.user),
        "is_awaited": kept_forms.kept(request.session, request.user) is not None,
        "problem": problem,
    }
    return render(request, "portal/second_factor.html", context, status=code)
