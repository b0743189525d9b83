"""Before a page of somebody who came by SAML long ago: ask the identity provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from chatwork_admin.organizations.sessions.recognition import session_behind
from saml_sso import cookies
from saml_sso.sign_in import recheck
from saml_sso.sign_in.login_reasons import LoginRejected
from saml_sso.sign_in.next_paths import path_of_ours
from saml_sso.sign_in.tickets import new_ticket


class Recheck:
    """Only where a browser opens a page, never where it sends a form or fetches a part."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: object
    ) -> HttpResponse | None:
        if not _opens_a_page(request, view) or not recheck.is_due(request.session):
            return None
        session = session_behind(request)
        next_path = path_of_ours(request.get_full_path())
        if session is None or not next_path:  # longer than what can be led back to
            return None
        flow = new_ticket()
        try:
            url = recheck.begin(session, flow=flow, next_path=next_path)
        except LoginRejected:  # SAML is off by now
            return None
        return _away(request, url, flow)


def _opens_a_page(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Say whether a whole page is opened; browsers say so, all but the oldest."""
    match = request.resolver_match
    if match is None or "saml" in match.namespaces:
        return False
    return (
        getattr(view, "login_required", True)
        and request.method == "GET"
        and request.headers.get("Sec-Fetch-Dest", "document") == "document"
        and "HX-Request" not in request.headers
    )


def _away(request: HttpRequest, url: str, flow: str) -> HttpResponse:
    """Lead on by a page: a form may have led here, and no form leads to another site."""
    response = render(request, "saml/recheck.html", {"url": url})
    add_never_cache_headers(response)
    cookies.give_flow(request, response, flow)
    return response
