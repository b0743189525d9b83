"""Security keys and passkeys: ask a browser for one, add one, remove one."""

from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from chatwork_admin.organizations.proofs import challenges, second_factor, security_keys
from chatwork_admin.organizations.proofs.challenges import Purpose
from chatwork_admin.organizations.proofs.web_authentication import NotGenuine
from chatwork_admin.organizations.sessions.recognition import session_behind
from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    form_of,
    portal_page,
    post_only,
)
from chatwork_admin.portal.signing_in.proof_forms import KeyForm
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.signing_in.views.second_factor import (
    LAST_FACTOR,
    PAGE,
    knows_password,
    second_factor_page,
)

ADDING = "portal:security-key"
REFUSED: dict[type[Exception], Promise] = {
    NotGenuine: _("The key was not registered in time. Please try again."),
    security_keys.KnownAlready: _("This key is registered already."),
    security_keys.TooMany: _("You have ten keys. Remove one first."),
}


@never_cache
@post_only
def request_options(request: HttpRequest) -> HttpResponse:
    """Return what a browser is to ask a key, whoever is in front of it."""
    person = request.user if isinstance(request.user, AbstractBaseUser) else None
    options = partial(security_keys.request_options, person=person)
    return challenges.ask(Purpose.PROVE, options)


@portal_page
@form_of(PAGE)
def creation_options(request: PortalRequest) -> HttpResponse:
    options = partial(security_keys.creation_options, person=request.user)
    return challenges.ask(Purpose.REGISTER, options)


@portal_page
@form_of(PAGE)
@step_up(_("Add a security key"))
def begin(request: PortalRequest) -> HttpResponse:
    """Ask for the proof before a key is made, not after."""
    return redirect(ADDING)


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    if not request.user.has_usable_password():
        return redirect(PAGE)
    return _page(request)


@sensitive_post_parameters("password", "key")
@portal_page
@form_of(ADDING)
def add_first(request: PortalRequest) -> HttpResponse:
    """Take a first second factor into use: whoever has the key knows the password, too."""
    if second_factor.is_set_up(request.user) or not request.user.has_usable_password():
        return redirect(PAGE)
    form = KeyForm(request.POST)
    if form.is_valid() and not knows_password(request, form.cleaned_data["password"]):
        form.add_error("password", gettext("The password is wrong."))
    return _added(request, form)


@sensitive_post_parameters("key")
@portal_page
@form_of(ADDING)
@step_up(_("Add a security key"))
def add(request: PortalRequest) -> HttpResponse:
    if not second_factor.is_set_up(request.user):
        return redirect(ADDING)
    return _added(request, KeyForm(request.POST, asks_password=False))


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
@step_up(_("Remove a security key"))
def remove(request: PortalRequest, key_id: uuid.UUID) -> HttpResponse:
    key = get_object_or_404(security_keys.of(request.user), pk=key_id)
    session = session_behind(request)
    if request.method != "POST" or session is None:
        return render(request, "portal/security_key_removal.html", {"key": key})
    try:
        second_factor.remove_key(
            request.user, key_id, session=session, actor=actor_of(request)
        )
    except second_factor.LastFactor:
        messages.error(request, gettext(LAST_FACTOR))
    else:
        messages.success(request, gettext("The key opens nothing any more."))
    return redirect(PAGE)


def _added(request: PortalRequest, form: KeyForm) -> HttpResponse:
    session = session_behind(request)
    if session is None or not form.is_valid():
        return _page(request, form)
    said = form.cleaned_data
    answer = security_keys.answer_in(said["key"], request, Purpose.REGISTER)
    try:
        codes = second_factor.add_key(
            request.user,
            answer,
            said["name"],
            session=session,
            actor=actor_of(request),
        )
    except tuple(REFUSED) as refused:
        form.add_error(None, str(REFUSED[type(refused)]))
        return _page(request, form)
    messages.success(request, gettext("The key is registered."))
    return second_factor_page(request, codes=codes) if codes else redirect(PAGE)


def _page(request: PortalRequest, form: KeyForm | None = None) -> HttpResponse:
    is_set_up = second_factor.is_set_up(request.user)
    context = {
        "is_set_up": is_set_up,
        "form": form or KeyForm(asks_password=not is_set_up),
    }
    status = 422 if form else 200
    return render(request, "portal/security_key.html", context, status=status)
