from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chatwork_admin.organizations.attempts import known_browsers, outcomes, turns
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.sessions.recognition import session_behind
from chatwork_admin.portal.access import home_of, post_only
from chatwork_admin.portal.signing_in import by_password as operation
from chatwork_admin.portal.signing_in import lost_doors
from chatwork_admin.portal.signing_in.proof_forms import SignInForm, proof_in
from chatwork_admin.portal.signing_in.too_many import BYPASS, later
from chatwork_admin.portal.signing_in.views import bypass
from chatwork_admin.portal.texts import slug_in
from saml_sso import addresses
from saml_sso.logout_views import wait_for_answer
from saml_sso.models import identity_provider_of
from saml_sso.sign_in import logout
from saml_sso.sign_in.next_paths import path_of_ours
from saml_sso.sign_in.rate import TooManyRequests

SENT = gettext_noop(
    "If this is the login e-mail of somebody here, a mail with the login URL is on its "
    "way. There is one an hour at most."
)
NOTHING_TYPED = gettext_noop("This is no login URL and no e-mail address.")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return _lead_on(request, request.user)
    return _at(operation.Door(), request)


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dedicated_login(request: HttpRequest, slug: str) -> HttpResponse:
    organization = _organization_at(slug)
    if organization is None:
        return _no_such_door(request, slug)
    if BYPASS in request.GET:
        return bypass.door(request, organization)
    user = request.user
    is_form = request.method == "POST"  # perhaps of somebody else than who is here
    if not is_form and isinstance(user, User) and user.organization == organization:
        return _lead_on(request, user)
    return _at(operation.Door(organization), request)


@never_cache
@post_only
def find_door(request: HttpRequest) -> HttpResponse:
    """Lead to the login URL of an organization, or have it sent by mail.

    Whether there is such an organization, it says itself; whether there is such a
    person, only the mailbox learns. By POST: an address has no place in logs.
    """
    typed = request.POST.get("organization", "").strip()
    asking = _asking(next=_wanted(request))
    if slug := slug_in(typed):
        return redirect(resolve_url("portal:dedicated-login", slug) + asking)
    if lost_doors.is_email(typed):
        try:
            lost_doors.remind(request, typed)
        except TooManyRequests as refused:
            door = resolve_url("portal:sign-in") + asking
            return later(request, refused.retry_after, door=door)
        messages.success(request, gettext(SENT))
        return redirect(resolve_url("portal:sign-in") + asking)
    return _not_understood(request, typed)


def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":  # no link signs anybody out
        return redirect("portal:home")
    return signed_out(request)


def signed_out(request: HttpRequest) -> HttpResponse:
    """Sign the browser out, here first, then where it came from.

    By a page that leads on by itself: no form may lead to another site.
    """
    session = session_behind(request)
    operation.sign_out(request)
    leaving = logout.farewell(session) if session else None
    if session is None or leaving is None:
        messages.success(request, gettext("You have signed out."))
        return _door_of(session)
    if leaving.request_id:
        wait_for_answer(request.session, leaving.request_id)
    context = {"url": leaving.url, "is_told": bool(leaving.request_id)}
    return render(request, "portal/signed_out.html", context)


def _door_of(session: UserSession | None) -> HttpResponse:
    if session is None:
        return redirect("portal:sign-in")
    return redirect("portal:dedicated-login", session.organization.slug)


def too_many_attempts(
    request: HttpRequest, credentials: dict[str, str] | None = None
) -> HttpResponse:
    seconds = turns.seconds_to_wait(request)
    return later(request, seconds, door=request.get_full_path())


def _not_understood(request: HttpRequest, typed: str) -> HttpResponse:
    form = SignInForm()
    del form.fields["username"].widget.attrs["autofocus"]  # the other field has it
    looked_for = {"typed": typed, "problem": gettext(NOTHING_TYPED)}
    context = {"form": form, "next": _wanted(request), **looked_for}
    return render(request, "portal/sign_in.html", context, status=422)


def _organization_at(slug: str) -> Organization | None:
    name = slug_in(slug)
    return Organization.objects.filter(slug=name).first() if name else None


def _no_such_door(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, with what was typed. Which addresses are near, nobody is told."""
    context = {"typed": slug, "next": _wanted(request)}
    return render(request, "portal/no_such_door.html", context, status=404)


def _lead_on(request: HttpRequest, user: User) -> HttpResponse:
    return redirect(_wanted(request) or home_of(user))


def _at(door: operation.Door, request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST if request.method == "POST" else None)
    leads: dict[str, object] = {}
    if form.is_valid():
        try:
            _enter(door, request, form)
        except TooManyRequests as refused:
            return later(request, refused.retry_after, door=request.get_full_path())
        except operation.SamlRequired as required:
            form.add_error(None, gettext("Your organization requires SAML sign-in."))
            leads = _leads_of(request, required.user)
        except operation.SignInRefused:
            wrong = gettext("The e-mail, the password, the code or the key is wrong.")
            form.add_error(None, outcomes.words(request, wrong))
        else:
            response = redirect(_wanted(request) or "portal:overview")
            known_browsers.remember(response, request, form.cleaned_data["username"])
            return response
    ways = _ways_in(door, request)
    context = {"form": form, "next": _wanted(request), **ways, **leads}
    if context.get("saml_url"):  # the link comes first
        del form.fields["username"].widget.attrs["autofocus"]
    status = 422 if form.errors else 200
    return render(request, "portal/sign_in.html", context, status=status)


def _enter(door: operation.Door, request: HttpRequest, form: SignInForm) -> None:
    operation.sign_in(
        request,
        user_name=form.cleaned_data["username"],
        password=form.cleaned_data["password"],
        besides=proof_in(form, request),
        door=door,
    )


def _leads_of(request: HttpRequest, user: User) -> dict[str, object]:
    """Say where this person gets in; emergency access is the administrator's alone."""
    return {
        "own_door": addresses.sign_on_url(user.organization)
        + _asking(next=_wanted(request)),
        "own_bypass": addresses.bypass_url(user.organization)
        if user.is_administrator
        else "",
    }


def _ways_in(door: operation.Door, request: HttpRequest) -> dict[str, object]:
    """Say what the page offers: SAML, a password, or the search for the right door."""
    organization = door.organization
    if organization is None:
        return {}
    provider = identity_provider_of(organization)
    has_saml = provider is not None and provider.is_on
    login_url = resolve_url("saml:login", organization.public_id)
    return {
        "organization": organization,
        "saml_url": login_url + _asking(next=_wanted(request)) if has_saml else "",
        "has_no_password": operation.requires_saml(organization),
    }


def _wanted(request: HttpRequest) -> str:
    return path_of_ours(request.POST.get("next", request.GET.get("next", "")))


def _asking(**query: str) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"?{urlencode(given)}" if given else ""
