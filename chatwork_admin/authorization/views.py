"""Where clients get and end their tokens, and where they read about it (RFC 8414)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from chatwork_admin.authorization import (
    introspection,
    provider,
    signing_keys,
)
from chatwork_admin.authorization.key_sets import ALGORITHMS
from chatwork_admin.client_addresses import client_address
from chatwork_admin.reference_numbers import request_reference

FORM = "application/x-www-form-urlencoded"
Respond = Callable[..., tuple[Mapping[str, Any], str, int]]
AUTHORIZE = "/oauth/authorize"  # a page of the portal
AUTHENTICATION_METHODS = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
]


@csrf_exempt
@require_POST
@sensitive_post_parameters()
def token(request: HttpRequest) -> HttpResponse:
    """Answer a token request; errors are those of RFC 6749 §5.2."""
    return _answered(request, provider.SERVER.create_token_response)


@csrf_exempt
@require_POST
@sensitive_post_parameters()
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token of the client's (RFC 7009); one that is not its own is none."""
    return _answered(request, provider.SERVER.create_revocation_response)


@csrf_exempt
@require_POST
@sensitive_post_parameters()
def introspect(request: HttpRequest) -> HttpResponse:
    """Tell a service of this installation of a token (RFC 7662); nobody else."""
    if not introspection.is_offered():
        raise Http404
    if problem := _problem(request):
        return _error(problem)
    try:
        introspection.require_ours(
            request.headers.get("Authorization", ""),
            reference=request_reference(request),
            address=client_address(request),
        )
    except introspection.NotOurs:
        response = _answer(json.dumps({"error": "invalid_token"}), 401)
        response["WWW-Authenticate"] = 'Bearer realm="introspection"'
        return response
    said = introspection.introspect(request.POST.get("token", ""))
    return _answer(json.dumps(said), 200)


@require_safe
def metadata(_: HttpRequest) -> JsonResponse:
    """Say where everything is, and what is supported (RFC 8414)."""
    document = {
        "issuer": settings.BASE_URL,
        "token_endpoint": token_address(),
        **_proofs("token_endpoint"),
        "revocation_endpoint": _address("oauth:revoke"),
        **_proofs("revocation_endpoint"),
        "authorization_endpoint": authorize_address(),
        "authorization_response_iss_parameter_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "refresh_token",
        ],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "scopes_supported": [*provider.SCOPES],
    }
    if introspection.is_offered():
        document["introspection_endpoint"] = _address("oauth:introspect")
    return JsonResponse(document)


def token_address() -> str:
    """Return what clients are told: the address of the token endpoint."""
    return _address("oauth:token")


def authorize_address() -> str:
    """Return where clients send the administrator's browser."""
    return f"{settings.BASE_URL}{AUTHORIZE}"


def _address(name: str) -> str:
    return str(settings.BASE_URL + reverse(name))


def _proofs(endpoint: str) -> dict[str, list[str]]:
    return {
        f"{endpoint}_auth_methods_supported": AUTHENTICATION_METHODS,
        f"{endpoint}_auth_signing_alg_values_supported": [*ALGORITHMS],
    }


def _answered(request: HttpRequest, ask: Respond) -> HttpResponse:
    if problem := _problem(request):
        return _error(problem)
    if "client_assertion" in request.POST:
        client_id = request.POST.get("client_id", "")
        signing_keys.look_for(client_id, request.POST["client_assertion"])
    said = {
        "Authorization": request.headers.get("Authorization", ""),
        provider.REFERENCE: request_reference(request),
        provider.ADDRESS: client_address(request),
    }
    # What has no value counts as left out (RFC 6749 §3.2).
    fields = [(name, value) for name, value in request.POST.items() if value]
    with transaction.atomic():
        headers, body, status = ask(request.path, "POST", fields, said)
    response = _answer(body, status)
    if "Retry-After" in headers:
        response["Retry-After"] = headers["Retry-After"]
    if status == 401:  # noqa: PLR2004
        response["WWW-Authenticate"] = 'Basic realm="oauth"'
    return response


def _problem(request: HttpRequest) -> str:
    if request.META.get("QUERY_STRING"):  # never a credential in an address (B7)
        return "The address must have no query."
    if request.content_type != FORM:
        return f"The body must be {FORM}."
    try:
        repeated = [name for name, said in request.POST.lists() if len(said) > 1]
    except SuspiciousOperation:
        return "The body is too large."
    return "A parameter must not be repeated." if repeated else ""


def _error(problem: str) -> HttpResponse:
    error = {"error": "invalid_request", "error_description": problem}
    return _answer(json.dumps(error), 400)


def _answer(body: str, status: int) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response
