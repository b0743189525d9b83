"""Ask again who somebody is, before what must not happen from a browser left open.

A view behind `step_up` is carried out for whoever has proven within ten minutes who they
are. Everybody else is asked first, on a page whose form keeps what was posted, and the
view then goes on with it. Nothing is changed or recorded before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import ParamSpec

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from chatwork_admin.organizations.attempts import outcomes
from chatwork_admin.organizations.models import UserSession
from chatwork_admin.organizations.sessions import kept_forms
from chatwork_admin.organizations.sessions.kept_forms import KeptForm
from chatwork_admin.organizations.sessions.recognition import session_behind
from chatwork_admin.portal.access import PortalRequest, PortalView
from chatwork_admin.portal.signing_in import by_password, proofs
from chatwork_admin.portal.signing_in.proof_forms import (
    PasswordForm,
    StepUpForm,
    proof_in,
)
from saml_sso.identity_providers import break_glass

P = ParamSpec("P")

FRESH = timedelta(minutes=10)
PREFIX = kept_forms.PROOF
PASSWORD = f"{PREFIX}-password"


def step_up(asked: Promise) -> Callable[[PortalView[P]], PortalView[P]]:
    """Let a form through from whoever proved lately who they are, others after a proof.

    `asked` is what the form does, in words. Put it below `administrator_only`: the right
    is asked before the person.
    """

    def decorator(view: PortalView[P]) -> PortalView[P]:
        @wraps(view)
        def wrapper(
            request: PortalRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if request.method == "POST" and (page := _asking(request, asked)):
                return page
            return view(request, *args, **kwargs)

        vars(wrapper)["asks_again"] = True
        return kept_forms.waits(asked)(wrapper)

    return decorator


def is_fresh(session: UserSession | None) -> bool:
    if session is None or session.authenticated_at is None:
        return False
    return timezone.now() - session.authenticated_at <= FRESH


@sensitive_post_parameters(PASSWORD)
def asking_page(
    request: PortalRequest,
    kept_form: KeptForm,
    form: StepUpForm | None = None,
    *,
    refused: str = "",
) -> HttpResponse:
    """Return the page that asks for a proof; `refused` is what came of the last one."""
    session = session_behind(request)
    context = {
        "asked": kept_form.asked,
        "form": form or StepUpForm(prefix=PREFIX),
        "accepted": proofs.accepted(session) if session else proofs.NONE,
        "path": kept_form.path,
        "codes_left": break_glass.codes_left(request.user.organization),
        "kept": kept_form.fields,
        "refused": refused,
    }
    status = 422 if form and form.is_bound else 403
    return render(request, "portal/step_up/page.html", context, status=status)


def proves(
    request: PortalRequest, session: UserSession, form: StepUpForm | PasswordForm
) -> bool:
    """Say whether a valid form proves who this is; if it does not, the form says so."""
    try:
        by_password.prove_again(
            request,
            session,
            password=form.cleaned_data["password"],
            besides=proof_in(form, request),
        )
    except by_password.SignInRefused:
        wrong = gettext("The password, the one-time code or the key is wrong.")
        form.add_error(None, outcomes.words(request, wrong))
        return False
    return True


def _asking(request: PortalRequest, asked: Promise) -> HttpResponse | None:
    """Return the page that asks, or None once the person has proven it."""
    session = session_behind(request)
    if session is None or not is_fresh(session):
        form = StepUpForm(_proof(request), prefix=PREFIX)
        if not form.is_valid() or not _is_proven(request, session, form):
            path, fields = request.get_full_path(), kept_forms.fields_of(request.POST)
            return asking_page(request, KeptForm(path, asked, fields), form)
    if PASSWORD in request.POST:
        request.POST = _without_proof(request.POST)  # type: ignore[assignment] # as good as Django's
    kept_forms.drop(request.session)
    return None


def _proof(request: PortalRequest) -> QueryDict | None:
    return request.POST if PASSWORD in request.POST else None


def _is_proven(
    request: PortalRequest, session: UserSession | None, form: StepUpForm
) -> bool:
    if session is None or not proofs.accepted(session).password:
        return False
    return proves(request, session, form)


def _without_proof(posted: QueryDict) -> QueryDict:
    kept = posted.copy()
    for name in [name for name in kept if name.startswith(f"{PREFIX}-")]:
        del kept[name]
    return kept
