"""Pause, resume and disable: what stays, what ends."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chatwork_admin.portal.access import (
    PortalRequest,
    actor_of,
    administrator_only,
    form_of,
    only_the_administrator,
    portal_page,
)
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.portal.synchronization.forms import DisableForm, PauseForm
from chatwork_admin.portal.synchronization.views.enabling import somebody_was_faster
from chatwork_admin.synchronization import gate


@require_safe
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    return _page(request)


@administrator_only
@form_of("portal:stop")
@step_up(_("Pause user synchronization"))
def pause(request: PortalRequest) -> HttpResponse:
    form = PauseForm(request.POST)
    if not form.is_valid():
        return _page(request, pause_form=form, code=422)
    try:
        gate.pause(
            request.organization,
            actor=actor_of(request),
            reason=form.cleaned_data["reason"],
        )
    except gate.WrongState:
        return _page(request, problem=somebody_was_faster(), code=409)
    messages.success(request, gettext("User synchronization is paused."))
    return redirect("portal:synchronization")


@administrator_only
@form_of("portal:stop")
@step_up(_("Resume user synchronization"))
def resume(request: PortalRequest) -> HttpResponse:
    try:
        gate.resume(request.organization, actor=actor_of(request))
    except gate.WrongState:
        return _page(request, problem=somebody_was_faster(), code=409)
    messages.success(request, gettext("User synchronization goes on."))
    return redirect("portal:synchronization")


@administrator_only
@form_of("portal:stop")
@step_up(_("Disable user synchronization"))
def disable(request: PortalRequest) -> HttpResponse:
    form = _disable_form(request)
    if form.is_valid() and not _names(form, request):
        form.add_error(
            "organization_name",
            gettext("The name does not match. Nothing was changed."),
        )
    if not form.is_valid():
        return _page(request, disable_form=form, code=422)
    try:
        gate.disable(
            request.organization,
            administrator=request.user,
            actor=actor_of(request),
            reason=form.cleaned_data["reason"],
        )
    except gate.NotAllowed:
        problem = only_the_administrator(request.organization)
        return _page(request, problem=problem, code=403)
    messages.success(request, _stop_entra_too())
    return redirect("portal:synchronization")


def _stop_entra_too() -> str:
    return gettext(
        "User synchronization is disabled. Also stop provisioning in Entra ID, else it "
        "goes into quarantine."
    )


def _disable_form(request: PortalRequest | None = None) -> DisableForm:
    # Both forms of the page ask for a reason; their ids must differ.
    return DisableForm(request.POST if request else None, auto_id="disable_%s")


def _names(form: DisableForm, request: PortalRequest) -> bool:
    typed: str = form.cleaned_data["organization_name"]
    return typed.strip() == request.organization.name.strip()


def _page(
    request: PortalRequest,
    *,
    pause_form: PauseForm | None = None,
    disable_form: DisableForm | None = None,
    problem: str = "",
    code: int = 200,
) -> HttpResponse:
    context = {
        "synchronization": gate.synchronization_of(request.organization),
        "pause_form": pause_form or PauseForm(),
        "disable_form": disable_form or _disable_form(),
        "problem": problem,
        "may_change": request.user.is_administrator,
        "no_right": only_the_administrator(request.organization),
    }
    return render(request, "portal/synchronization/stop.html", context, status=code)
