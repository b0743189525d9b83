"""Change one's own password."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from chatwork_admin.organizations.proofs import passwords
from chatwork_admin.organizations.sessions.recognition import session_behind
from chatwork_admin.portal.access import PortalRequest, actor_of, portal_page
from chatwork_admin.portal.signing_in import proofs
from chatwork_admin.portal.signing_in.proof_forms import PasswordForm
from chatwork_admin.portal.signing_in.step_up import proves


@sensitive_post_parameters("password", "code", "new_password", "repeated")
@portal_page
def page(request: PortalRequest) -> HttpResponse:
    may_change = proofs.may_use_password(request.user)
    if request.method != "POST" or not may_change:
        form = PasswordForm(request.user) if may_change else None
        return render(request, "portal/password.html", {"form": form})
    form = PasswordForm(request.user, request.POST)
    if not form.is_valid() or not _is_changed(request, form):
        return render(request, "portal/password.html", {"form": form}, status=422)
    messages.success(
        request,
        gettext("Your password is changed. All your other sessions have ended."),
    )
    return redirect("portal:sessions")


def _is_changed(request: PortalRequest, form: PasswordForm) -> bool:
    session = session_behind(request)
    if session is None or not proves(request, session, form):
        return False
    passwords.change(
        request,
        request.user,
        form.cleaned_data["new_password"],
        session=session,
        actor=actor_of(request),
    )
    return True
