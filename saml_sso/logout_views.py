"""The one address of single logout: requests of identity providers, and their answers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.visitors import visitor
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.models import Organization
from chatwork_admin.reference_numbers import request_reference
from saml_sso.messages.response_reasons import InvalidResponse
from saml_sso.models import identity_provider_of
from saml_sso.sign_in import logout as operation
from saml_sso.sign_in import rate, rejections
from saml_sso.sign_in.login_reasons import LoginRejected

WAITING = "saml_logout"


@never_cache
@require_GET
def logout(request: HttpRequest, public_id: str) -> HttpResponse:
    organization = get_object_or_404(Organization, public_id=public_id)
    try:
        rate.admit(organization, client_address(request))
        return _answer(request, organization)
    except rate.TooManyRequests as refused:
        response = _refusal(request, organization, status=429)
        response["Retry-After"] = str(refused.retry_after)
        return response


def wait_for_answer(session: SessionBase, request_id: str) -> None:
    """Remember, in a browser that was signed out, which answer it will bring."""
    session[WAITING] = request_id


def _answer(request: HttpRequest, organization: Organization) -> HttpResponse:
    try:
        if "SAMLResponse" in request.GET:
            return _answered(request, organization)
        return _obeyed(request, organization)
    except (InvalidResponse, LoginRejected) as rejection:
        actor, action = visitor(request), Action.LOGOUT_REFUSED
        rejections.note(organization, rejection, actor=actor, action=action)
        return _refusal(request, organization)


def _obeyed(request: HttpRequest, organization: Organization) -> HttpResponse:
    query = request.META["QUERY_STRING"]
    answer = operation.obey(organization, query, actor=visitor(request))
    return HttpResponseRedirect(answer) if answer else _door(request, organization)


def _answered(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Take the answer to our request; the browser is signed out here already."""
    waiting = request.session.get(WAITING, "")
    query = request.META["QUERY_STRING"]
    answer = operation.read_answer(organization, query, request_id=waiting)
    del request.session[WAITING]
    if not answer.is_success:
        messages.warning(
            request,
            gettext(
                "You have signed out here. Microsoft Entra ID did not sign you out "
                "everywhere else."
            ),
        )
        return redirect("portal:dedicated-login", organization.slug)
    provider = identity_provider_of(organization)
    if provider is not None and provider.after_logout_url:
        return HttpResponseRedirect(provider.after_logout_url)
    return _door(request, organization)


def _door(request: HttpRequest, organization: Organization) -> HttpResponse:
    messages.success(request, gettext("You have signed out."))
    return redirect("portal:dedicated-login", organization.slug)


def _refusal(
    request: HttpRequest, organization: Organization, status: int = 403
) -> HttpResponse:
    context = {"organization": organization, "reference": request_reference(request)}
    return render(request, "saml/logout_refused.html", context, status=status)
