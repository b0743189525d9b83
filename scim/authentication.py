"""Who calls: a provisioning client, by its bearer token (RFC 6750)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django_scim.middleware import SCIMAuthCheckMiddleware

from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization import tokens
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.models import Organization
from chatwork_admin.reference_numbers import request_reference
from chatwork_admin.synchronization import gate, health
from scim import errors, whose
from scim.search import filters

REFUSALS = (
    tokens.InvalidToken,
    tokens.NotInPlan,
    tokens.NotEnabled,
    tokens.Paused,
)


class ScimRequest(HttpRequest):
    """A request that a provisioning client was admitted with."""

    organization: Organization
    client: tokens.ProvisioningClient
    actor: Actor


class ScimAuthentication(SCIMAuthCheckMiddleware):  # type: ignore[misc] # untyped
    """django-scim2's door. It reads no body, before or after, and logs none (S7)."""

    def process_request(self, request: ScimRequest) -> HttpResponse | None:
        token = whose.token_in(request.headers.get("Authorization", ""))
        try:
            client = tokens.admit(
                token,
                reference=request_reference(request),
                address=client_address(request),
            )
        except REFUSALS as error:
            response = errors.response_to(error, request)
            if token and isinstance(error, tokens.InvalidToken):  # RFC 6750 §3.1
                response["WWW-Authenticate"] += ', error="invalid_token"'
            return response
        whose.note(token, client.organization.pk)
        request.client = client
        request.organization, request.actor = client.organization, client.actor
        return None

    def process_response(
        self,
        request: ScimRequest,
        response: HttpResponse,
    ) -> HttpResponse:
        return response


def note_contact(request: ScimRequest) -> None:
    """Remember that a client was here, and whether it tested the connection."""
    client, is_test = request.client, _is_connection_test(request)
    synchronization = client.synchronization
    if synchronization is None and is_test:
        synchronization = gate.synchronization_of(client.organization)
    if synchronization is not None:
        health.note_contact(synchronization, is_connection_test=is_test)


def _is_connection_test(request: HttpRequest) -> bool:
    """Entra tests a connection by asking for a user nobody has (E3)."""
    match = request.resolver_match
    is_list = match is not None and match.url_name == "users" and not match.kwargs
    return is_list and filters.is_connection_test(request.GET.get("filter", ""))
