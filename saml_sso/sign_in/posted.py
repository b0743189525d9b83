"""What an identity provider's page posts (saml-bindings-2.0-os §3.5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.request import UnreadablePostError

from saml_sso.sign_in.login_reasons import LoginReason, LoginRejected

LARGEST_BODY = 256 * 1024  # bytes; Entra's answers with 150 groups have about 30,000
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Posted:
    """One SAMLResponse, and the RelayState that came with it, or ""."""

    response: str
    relay_state: str


def read_post(request: HttpRequest) -> Posted:
    """Return the only two fields that count. Raises LoginRejected, whatever was posted."""
    try:
        fields = _fields(request)
    except (BadRequest, SuspiciousOperation, UnreadablePostError, ValueError) as error:
        raise LoginRejected(LoginReason.FORM_MALFORMED) from error
    responses, relay_states = (
        fields.getlist("SAMLResponse"),
        fields.getlist("RelayState"),
    )
    if len(responses) != 1 or len(relay_states) > 1:
        raise LoginRejected(LoginReason.FORM_MALFORMED)
    return Posted(responses[0], relay_states[0] if relay_states else "")


def _fields(request: HttpRequest) -> QueryDict:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise BadRequest("too large")
    if request.content_type != FORM:
        raise BadRequest("not a form")
    return request.POST
