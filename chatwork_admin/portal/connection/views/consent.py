"""A client asks to be let in; the organization administrator answers (RFC 6749 §4.1).

Whatever the answer, the browser is led on by a page, as where one signs out: no form
may lead to another site, and so none needs to be allowed to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast
from urllib.parse import urlsplit

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chatwork_admin.authorization import authorization_requests as requests
from chatwork_admin.authorization import grants
from chatwork_admin.authorization.grants import Asked
from chatwork_admin.portal.access import (
    PersonalRequest,
    PortalRequest,
    actor_of,
    only_the_administrator,
    personal_page,
)
from chatwork_admin.portal.signing_in.step_up import step_up
from chatwork_admin.synchronization import gate

NOT_ADMINISTRATOR, NOT_ENABLED, NOT_IN_PLAN, UNSUPPORTED = (
    "not-administrator",
    "not-enabled",
    "not-in-plan",
    "unsupported",
)
STATUS = {NOT_ADMINISTRATOR: 403, NOT_ENABLED: 403, NOT_IN_PLAN: 403}


class ConsentRequest(PortalRequest):
    """A request of the administrator, with what a client asks."""

    asked: Asked


def answerable(
    view: Callable[[PortalRequest], HttpResponseBase],
) -> Callable[[PersonalRequest], HttpResponseBase]:
    """Let through what the administrator may answer; say of the rest why not."""

    @wraps(view)
    def wrapper(request: PersonalRequest) -> HttpResponseBase:
        consent = cast("ConsentRequest", request)
        consent.organization = request.user.organization
        said = [(name, each) for name, all_ in request.GET.lists() for each in all_]
        try:
            consent.asked = requests.read(said, consent.organization)
        except requests.Unanswerable as unanswerable:
            return _refusal(consent, unanswerable.fault)
        except requests.Refused as refused:
            return _refusal(consent, UNSUPPORTED, answer=refused.answer)
        if reason := _reason(consent):
            return _refusal(consent, reason, answer=_denied(consent.asked))
        return view(consent)

    return wrapper


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
@answerable
@step_up(_("Authorize a connection"))
def authorize(request: PortalRequest) -> HttpResponse:
    asked = cast("ConsentRequest", request).asked
    if request.method != "POST":
        context = {
            "client": asked.client,
            "query": request.GET.urlencode(),
            "host": urlsplit(asked.redirect_uri).hostname,
        }
        return render(request, "portal/consent/page.html", context)
    try:
        code = grants.authorize(
            request.organization,
            asked,
            administrator=request.user,
            actor=actor_of(request),
        )
    except grants.NoLongerThere:
        return _refusal(request, requests.Fault.REDIRECT)
    except grants.NotEnabled:
        return _refusal(request, NOT_ENABLED, answer=_denied(asked))
    except grants.NotAllowed:
        return _refusal(request, NOT_ADMINISTRATOR, answer=_denied(asked))
    context = {"client": asked.client, "url": requests.answer_to(asked, code=code)}
    return render(request, "portal/consent/authorized.html", context)


@personal_page
@answerable
def deny(request: PortalRequest) -> HttpResponse:
    if request.method != "POST":  # signed in again, say
        return redirect(f"{reverse('portal:authorize')}?{request.GET.urlencode()}")
    asked = cast("ConsentRequest", request).asked
    grants.deny(request.organization, asked, actor=actor_of(request))
    context = {"client": asked.client, "url": _denied(asked)}
    return render(request, "portal/consent/denied.html", context)


def _reason(request: PortalRequest) -> str:
    if not request.user.is_administrator:
        return NOT_ADMINISTRATOR
    if not request.organization.plan_includes_synchronization:
        return NOT_IN_PLAN
    state = gate.synchronization_of(request.organization).state
    return NOT_ENABLED if state == gate.State.OFF else ""


def _refusal(request: PortalRequest, reason: str, *, answer: str = "") -> HttpResponse:
    """Say why not, with a way back only to where an answer may go."""
    context = {
        "reason": reason,
        "answer": answer,
        "no_right": only_the_administrator(request.organization),
        "is_administrator": request.user.is_administrator,
    }
    status = STATUS.get(reason, 400)
    return render(request, "portal/consent/refused.html", context, status=status)


def _denied(asked: Asked) -> str:
    return requests.answer_to(asked, error="access_denied")
