"""Leave to prove elsewhere who one is, and come back to what was asked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from chatwork_admin.organizations.sessions import kept_forms
from chatwork_admin.organizations.sessions.recognition import session_behind
from chatwork_admin.portal.access import PortalRequest, form_of, portal_page
from chatwork_admin.portal.signing_in.step_up import (
    PREFIX,
    asking_page,
    is_fresh,
)
from saml_sso.sign_in.step_up import REFUSED


@portal_page
@form_of("portal:overview")
def leave(request: PortalRequest) -> HttpResponse:
    """Keep the form that was under way, and lead to where the proof is made."""
    path = request.POST.get(f"{PREFIX}-path", "")
    try:
        kept_forms.keep(
            request.session, request.user, path, kept_forms.fields_of(request.POST)
        )
    except kept_forms.NotKept:
        messages.error(request, gettext("Please begin again; nothing was changed."))
        return redirect("portal:overview")
    if request.POST.get(f"{PREFIX}-by") == "saml":
        return _away(request)
    return redirect("portal:second-factor")


def _away(request: PortalRequest) -> HttpResponse:
    """Show a page that leads on by itself: no form may lead to another site."""
    address = reverse("saml:step-up", args=[request.organization.public_id])
    query = urlencode({"next": reverse("portal:step-up")})
    return render(request, "portal/step_up/away.html", {"url": f"{address}?{query}"})


@require_safe
@portal_page
def go_on(request: PortalRequest) -> HttpResponse:
    """Show what was asked before, to be sent by a button: no link changes anything.

    Whoever has proven nothing meanwhile is asked as before.
    """
    form = kept_forms.kept(request.session, request.user)
    if form is None:
        return redirect("portal:overview")
    if is_fresh(session_behind(request)) or not form.needs_proof:
        return render(request, "portal/step_up/go_on.html", {"kept_form": form})
    return asking_page(request, form, refused=request.GET.get(REFUSED, ""))
