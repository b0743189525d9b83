"""Who may open the portal's pages, and in whose name a page acts.

`LoginRequiredMiddleware` has turned strangers away before any of this is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext

from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.texts import isolated
from chatwork_admin.reference_numbers import request_reference

P = ParamSpec("P")
ONE_MAY = "is_for_the_administrator"


class PersonalRequest(HttpRequest):
    """A request of anybody who has signed in."""

    user: User


class PortalRequest(HttpRequest):
    """A request of somebody who administers; the organization is theirs, never asked."""

    user: User
    organization: Organization


PersonalView = Callable[Concatenate[PersonalRequest, P], HttpResponseBase]
PortalView = Callable[Concatenate[PortalRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def personal_page(view: PersonalView[P]) -> View[P]:
    """Let in everybody who has signed in; no copy of the page is kept."""

    @wraps(view)
    def wrapper(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if not isinstance(request.user, User):  # support staff are nobody's people
            return redirect_to_login(request.get_full_path())
        response = view(cast("PersonalRequest", request), *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return wrapper


def portal_page(view: PortalView[P]) -> View[P]:
    """Let in who administers the organization; no copy of the page is kept."""

    @wraps(view)
    def wrapper(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, User):  # support staff have an admin of their own
            return redirect_to_login(request.get_full_path())
        if not may_administer(person):
            raise PermissionDenied(
                gettext("Only administrators and user managers can open these pages.")
            )
        portal_request = cast("PortalRequest", request)
        portal_request.organization = person.organization
        response = view(portal_request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return wrapper


def administrator_only(view: PortalView[P]) -> View[P]:
    """Let in the organization administrator only; user managers read elsewhere."""

    @portal_page
    @wraps(view)
    def wrapper(
        request: PortalRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        if not request.user.is_administrator:
            raise PermissionDenied(only_the_administrator(request.organization))
        try:
            return view(request, *args, **kwargs)
        except NotAllowed as error:  # the right went to somebody else just now
            refusal = only_the_administrator(request.organization)
            raise PermissionDenied(refusal) from error

    vars(wrapper)[ONE_MAY] = True
    return wrapper


def may_open(user: User, url_name: str) -> bool:
    """Say whether the page is for this one of those who administer, too."""
    view = resolve(reverse(url_name)).func
    return user.is_administrator or ONE_MAY not in vars(view)


def form_of(page: str) -> Callable[[PortalView[P]], PortalView[P]]:
    """Take POST only; lead whoever comes by GET to the page that has the form.

    Signing in again, or choosing a language after an error, comes by GET.
    """

    def decorator(view: PortalView[P]) -> PortalView[P]:
        @wraps(view)
        def wrapper(
            request: PortalRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if request.method != "POST":
                return redirect(page)
            return view(request, *args, **kwargs)

        return wrapper

    return decorator


def post_only(
    view: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let a form in; whoever comes by a link sees a page that says why not."""

    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return view(request)
        response = render(request, "405.html", status=405)
        response["Allow"] = "POST"
        return response

    return wrapper


def only_the_administrator(organization: Organization) -> str:
    administrator = organization.users.filter(role=User.Role.ADMINISTRATOR).first()
    return gettext(
        "Only the organization administrator (%(name)s) can change this."
    ) % {"name": isolated(name_of(administrator)) if administrator else "–"}


def name_of(person: User) -> str:
    return person.display_name or person.user_name


def actor_of(request: PersonalRequest | PortalRequest) -> Actor:
    return actor_for(request, request.user)


def may_administer(user: User) -> bool:
    return user.is_active and user.administers


def home_of(user: User) -> str:
    """Return the name of the page where a person has something to do."""
    return "portal:overview" if may_administer(user) else "portal:account"


def actor_for(request: HttpRequest, user: User) -> Actor:
    """Return a person as who acts, by this request."""
    return Actor(
        ActorKind.PERSON,
        str(user.pk),
        user.display_name or user.user_name,
        request_reference(request),
        client_address(request),
    )
