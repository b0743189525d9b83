"""What lets provisioning clients in: its state and its use, never a value or a hash."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chatwork_admin.authorization.clients import LAST_USE
from chatwork_admin.authorization.credential_states import State, state_of
from chatwork_admin.authorization.models import (
    AccessToken,
    ClientSecret,
    Grant,
    OAuthClient,
    WorkloadIdentity,
)
from chatwork_admin.support.columns import (
    column,
    organization_link,
)
from chatwork_admin.support.filters import (
    ByHandFilter,
    OrganizationFilter,
    matches_organization,
    uuid_in,
)
from chatwork_admin.support.read_only import ReadOnlyAdmin, ReadOnlyInline
from chatwork_admin.support.states import synchronization_of

STATES = {
    State.ALIVE: _("Valid"),
    State.REVOKED: _("Revoked"),
    State.EXPIRED: _("Expired"),
    State.DISABLED: _("Ended when user synchronization was disabled"),
}
SEARCH = _("The organization's name, login address or id; or the whole id of one.")
WITH_THE_GATE = ["organization__user_synchronization"]


@admin.display(description=_("State"))
def state(row: ClientSecret | Grant | AccessToken) -> str:
    disabled_at = synchronization_of(row.organization).disabled_at
    return str(STATES[state_of(row, disabled_at)])


@admin.display(description=_("Given to"))
def given_to(token: AccessToken) -> str:
    if token.grant_id:
        return str(_("A connection"))
    return str(_("A client") if token.client_id else _("Somebody, by hand"))


ISSUED = [
    column("issued_at", _("Issued at")),
    column("issued_by", _("Issued by")),
    column("last_used_at", _("Last used")),
    column("expires_at", _("Expires at")),
]
REVOKED = [column("revoked_at", _("Revoked at")), column("revoked_by", _("Revoked by"))]


class CredentialAdmin(ReadOnlyAdmin):
    list_filter = [OrganizationFilter]
    list_select_related = WITH_THE_GATE
    search_help_text = SEARCH

    def found_by(self, term: str) -> Q:
        found = matches_organization(term, "organization")
        return found | Q(pk=pk) if (pk := uuid_in(term)) else found


class SecretInline(ReadOnlyInline):
    model = ClientSecret
    empty_list = _(
        "No secret was issued: only a workload identity lets the client sign in."
    )
    fields = [
        column("note", _("Purpose")),
        column("last_characters", _("Last characters")),
        state,
        *ISSUED,
        *REVOKED,
    ]


class WorkloadIdentityInline(ReadOnlyInline):
    model = WorkloadIdentity
    empty_list = _("No workload identity is trusted: the client needs a secret.")
    fields = [
        column("issuer", _("Issuer")),
        column("subject", _("Subject")),
        column("audience", _("Audience")),
        column("jwks_uri", _("Address of the keys")),
        column("added_at", _("Added at")),
        column("added_by", _("Added by")),
        column("last_used_at", _("Last used")),
        column("removed_at", _("Removed at")),
        column("keys_fetched_at", _("Keys fetched at")),
        column("keys_problem", _("Problem of the keys")),
    ]


@admin.register(OAuthClient)
class OAuthClientAdmin(CredentialAdmin):
    list_display = [
        column("name", _("Name")),
        organization_link,
        column("client_id", _("Client ID")),
        column("registered_at", _("Registered at")),
        column("last_used_at", _("Last used")),
        column("removed_at", _("Removed at")),
    ]
    empty_list = _(
        "No OAuth client yet. Administrators register them under Connection."
    )
    fields = [
        column("name", _("Name")),
        organization_link,
        column("client_id", _("Client ID")),
        column("token_minutes", _("Minutes an access token lasts")),
        column("redirect_uris", _("Redirect addresses")),
        column("registered_at", _("Registered at")),
        column("registered_by", _("Registered by")),
        column("last_used_at", _("Last used")),
        column("removed_at", _("Removed at")),
    ]
    inlines = [SecretInline, WorkloadIdentityInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.annotate(last_used_at=LAST_USE)


@admin.register(Grant)
class GrantAdmin(CredentialAdmin):
    list_display = [
        column("client_name", _("Client")),
        organization_link,
        state,
        column("is_used", _("Code exchanged"), is_flag=True),
        column("issued_by", _("Authorized by")),
        column("issued_at", _("Authorized at")),
        column("last_used_at", _("Last used")),
        column("hand_over_by", _("To be authorized again by")),
    ]
    empty_list = _("No connection yet. Administrators authorize them from Entra ID.")
    fields = [
        column("client_name", _("Client")),
        organization_link,
        column("pk", _("Id")),
        state,
        column("is_used", _("Code exchanged"), is_flag=True),
        column("redirect_uri", _("The answer went to")),
        column("issued_by", _("Authorized by")),
        column("authorized_by", _("That account today")),
        column("issued_at", _("Authorized at")),
        column("last_used_at", _("Last used")),
        column("expires_at", _("Expires at, if it is not used")),
        column("hand_over_by", _("To be authorized again by")),
        *REVOKED,
    ]


@admin.register(AccessToken)
class AccessTokenAdmin(CredentialAdmin):
    list_filter = [OrganizationFilter, ByHandFilter]
    list_display = [
        column("name", _("Name")),
        organization_link,
        given_to,
        column("last_characters", _("Last characters")),
        state,
        *ISSUED,
    ]
    empty_list = _("No access token yet: Entra ID cannot call.")
    fields = [
        column("name", _("Name")),
        organization_link,
        column("pk", _("Id")),
        given_to,
        column("client", _("Client")),
        column("grant", _("Connection")),
        column("last_characters", _("Last characters")),
        state,
        *ISSUED,
        *REVOKED,
    ]
