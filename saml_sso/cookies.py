"""What a browser carries for a sign-in under way, to our addresses of SAML only."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from saml_sso.sign_in.sign_in_requests import ANSWERED_WITHIN
from saml_sso.sign_in.tickets import digest, is_ticket

FLOW, AGAIN = "saml-flow", "saml-again"
AGAIN_WITHIN = 60  # seconds
MOST_FLOWS = 10
PATH = "/saml/"


def flows_of(request: HttpRequest) -> list[str]:
    """Return the tickets of the sign-ins that this browser started.

    The oldest come first, as browsers send them (RFC 6265 §5.4).
    """
    return list(_flows(request).values())


def give_flow(request: HttpRequest, response: HttpResponse, flow: str) -> None:
    """Give a cookie for each: of two sign-ins begun at once, neither loses its own."""
    for old in list(_flows(request))[: 1 - MOST_FLOWS]:
        response.delete_cookie(old, path=PATH, samesite="Lax")
    seconds = int(ANSWERED_WITHIN.total_seconds())
    _give(response, f"{FLOW}-{digest(flow)[:8]}", flow, seconds)


def times_again(request: HttpRequest) -> int:
    """Say how often this browser was sent to sign in again, in the last minute."""
    return len(request.COOKIES.get(_name(AGAIN), ""))


def count_again(request: HttpRequest, response: HttpResponse) -> None:
    _give(response, AGAIN, "1" * (times_again(request) + 1), AGAIN_WITHIN)


def forget_again(response: HttpResponse) -> None:
    response.delete_cookie(_name(AGAIN), path=PATH, samesite="Lax")


def _flows(request: HttpRequest) -> dict[str, str]:
    return {
        name: value
        for name, value in request.COOKIES.items()
        if name.startswith(_name(FLOW)) and is_ticket(value)
    }


def _give(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _name(name),
        value,
        max_age=seconds,
        path=PATH,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _name(name: str) -> str:
    return f"__Secure-{name}" if settings.IS_HTTPS else name
