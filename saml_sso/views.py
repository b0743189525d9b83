"""What browsers and identity providers ask of us; strangers, all of them, until the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from chatwork_admin.audit.recording import Actor
from chatwork_admin.audit.visitors import visitor
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.reference_numbers import is_reference, request_reference
from saml_sso import cookies, service_provider
from saml_sso.messages.response_reasons import InvalidResponse
from saml_sso.models import AuthenticationRequest, identity_provider_of
from saml_sso.sign_in import login as operation
from saml_sso.sign_in import (
    rate,
    recheck,
    rejections,
    sign_in_requests,
    testing,
    unsolicited,
)
from saml_sso.sign_in import step_up as step_up_operation
from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected
from saml_sso.sign_in.posted import read_post
from saml_sso.sign_in.tickets import is_ticket, new_ticket

# A tile may be clicked twice, or in two tabs; whoever never answers would go round.
MOST_AGAIN = 5
IS_OVER = "over"

# There was a sign-in, as far as the browser knows; now nothing waits for this.
OVER = frozenset(
    {
        LoginReason.REQUEST_ANSWERED,
        LoginReason.REQUEST_UNKNOWN,
        LoginReason.REQUEST_TOO_OLD,
    }
)
SamlView = Callable[[HttpRequest, Organization], HttpResponse]


@require_safe
def metadata(request: HttpRequest, public_id: str) -> HttpResponse:
    organization = get_object_or_404(Organization, public_id=public_id)
    document = service_provider.metadata(organization)
    return HttpResponse(document, content_type="application/samlmetadata+xml")


def open_to_strangers(view: SamlView) -> Callable[[HttpRequest, str], HttpResponse]:
    """Find the organization by the address, limit the rate, and word every refusal alike."""

    @wraps(view)
    @never_cache
    def wrapper(request: HttpRequest, public_id: str) -> HttpResponse:
        organization = get_object_or_404(Organization, public_id=public_id)
        try:
            rate.admit(organization, client_address(request))
            return _answer(view, request, organization)
        except rate.TooManyRequests as refused:
            response = refusal(request, organization, status=429)
            response["Retry-After"] = str(refused.retry_after)
            return response

    return wrapper


def _answer(
    view: SamlView, request: HttpRequest, organization: Organization
) -> HttpResponse:
    try:
        return view(request, organization)
    except (InvalidResponse, LoginRejected) as rejection:
        rejections.note(organization, rejection, actor=visitor(request))
        if request.method == "POST":
            return _to_answered(request, organization, rejection)
        return refusal(request, organization)


@require_GET
@open_to_strangers
def login(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Send the browser to the identity provider, with a ticket to come back with."""
    is_again = "again" in request.GET
    if is_again and cookies.times_again(request) >= MOST_AGAIN:
        raise LoginRejected(LoginReason.STARTED_AGAIN_IN_VAIN)
    flow, next_path = new_ticket(), request.GET.get("next", "")
    url = sign_in_requests.begin(organization, flow=flow, next_path=next_path)
    response = _away(request, url, flow)
    if is_again:
        cookies.count_again(request, response)
    return response


@require_GET
@open_to_strangers
def step_up(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Send somebody who is signed in to sign in anew. By a link: see `form-action`."""
    user = request.user
    if not isinstance(user, User) or user.organization != organization:
        raise Http404
    flow, next_path = new_ticket(), request.GET.get("next", "")
    url = step_up_operation.begin(user, flow=flow, next_path=next_path)
    return _away(request, url, flow)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@open_to_strangers
def assertion_consumer_service(
    request: HttpRequest, organization: Organization
) -> HttpResponse:
    """Take the answer, by a POST of another site: without cookies, and giving none."""
    if request.method != "POST":  # typed, or opened again
        return redirect("portal:dedicated-login", organization.slug)
    posted = read_post(request)
    if not is_ticket(posted.relay_state):  # Entra sends what its own page says
        return _start_again(organization, posted.response)
    asked = sign_in_requests.waiting(organization, posted.relay_state)
    actor = visitor(request)
    if asked.purpose == asked.Purpose.TEST:
        testing.conclude(asked, posted.response, actor=actor)
        return _see_other(asked.next_path)
    try:
        code = operation.authenticate(asked, response=posted.response, actor=actor)
    except (InvalidResponse, LoginRejected) as rejection:
        if back := _way_back(asked, rejection, actor):
            return _see_other(back)
        raise
    query = urlencode({"c": code})
    return _see_other(f"{_address(organization, 'complete')}?{query}")


@require_GET
@open_to_strangers
def complete(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Let the browser that started in."""
    next_path = operation.complete(
        request,
        organization,
        code=request.GET.get("c", ""),
        flows=cookies.flows_of(request),
        actor=visitor(request),
    )
    response = redirect(next_path or "/")
    cookies.forget_again(response)
    return response


@require_GET
@open_to_strangers
def answered(request: HttpRequest, organization: Organization) -> HttpResponse:
    """Say that a posted answer was refused; lead on who was let in by it before.

    Back, after a sign-in, posts its answer once more, and the cookies that say who is
    here come only with the GET that follows.
    """
    user, is_over = request.user, IS_OVER in request.GET
    if is_over and isinstance(user, User) and user.organization == organization:
        return redirect("/")
    return refusal(request, organization, reference=request.GET.get("reference", ""))


def refusal(
    request: HttpRequest,
    organization: Organization,
    status: int = 403,
    reference: str = "",
) -> HttpResponse:
    """Return the one page that all who are refused see, whatever the reason.

    `reference` comes from an address: it is shown only if it has a reference's form.
    """
    if not is_reference(reference):
        reference = request_reference(request)
    context = {"organization": organization, "reference": reference}
    return render(request, "saml/refused.html", context, status=status)


def _start_again(organization: Organization, response: str) -> HttpResponse:
    """Answer what nobody asked for by asking: where that is allowed, it is not even read.

    So the tile in My Apps works, and nobody can be signed in as somebody else by it.
    """
    provider = identity_provider_of(organization)
    if provider is None:
        raise LoginRejected(LoginReason.SAML_OFF)
    if not provider.allow_idp_initiated:
        raise LoginRejected(unsolicited.reason_of(organization, provider, response))
    return _see_other(f"{_address(organization, 'login')}?again")


def _way_back(
    asked: AuthenticationRequest, rejection: rejections.Rejection, actor: Actor
) -> str:
    """Return where a browser goes on that is signed in, and is not asked to leave."""
    if asked.purpose == asked.Purpose.RECHECK:
        recheck.give_up(asked, rejection, actor=actor)
        query = urlencode({"next": asked.next_path})
        return f"{_address(asked.organization, 'login')}?{query}"
    back = step_up_operation.way_back(asked, rejection)
    if back:
        rejections.note(asked.organization, rejection, actor=actor)
    return back


def _to_answered(
    request: HttpRequest, organization: Organization, rejection: rejections.Rejection
) -> HttpResponse:
    """Refuse a POST by the GET that follows: it has cookies, and can be opened again."""
    query = {"reference": request_reference(request)}
    if rejection.reason in OVER:
        query[IS_OVER] = "1"
    return _see_other(f"{_address(organization, 'answered')}?{urlencode(query)}")


def _away(request: HttpRequest, url: str, flow: str) -> HttpResponse:
    """Send the browser to the identity provider, with a ticket to come back with."""
    response = HttpResponseRedirect(url)
    cookies.give_flow(request, response, flow)
    return response


def _see_other(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def _address(organization: Organization, name: str) -> str:
    return reverse(f"saml:{name}", args=[organization.public_id])
