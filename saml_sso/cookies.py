"""What a browser carries for a sign-in under way, to our addresses of SAML only."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from saml_sso.sign_in.tickets import is_ticket

FLOW, AGAIN = "saml-flow", "saml-again"
PATH = "/saml/"


def flow_of(request: HttpRequest) -> str:
    """Return the ticket of the sign-in that this browser started, or ""."""
    flow = request.COOKIES.get(_name(FLOW), "")
    return flow if is_ticket(flow) else ""


def is_there(request: HttpRequest, name: str) -> bool:
    return _name(name) in request.COOKIES


def give(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _name(name),
        value,
        max_age=seconds,
        path=PATH,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def take(response: HttpResponse, name: str) -> None:
    response.delete_cookie(_name(name), path=PATH, samesite="Lax")


def _name(name: str) -> str:
    return f"__Secure-{name}" if settings.IS_HTTPS else name
