"""How provisioning clients are let in: the pages of the connection, and consent."""

from __future__ import annotations

from django.urls import path

from chatwork_admin.portal.connection.views import (
    clients,
    consent,
    grants,
    identities,
    sheet,
    tokens,
)

urlpatterns = [
    path("", tokens.page, name="connection"),
    path("sheet/", sheet.page, name="hand-over-sheet"),
    path("sheet.txt", sheet.download, name="hand-over-text"),
    path("tokens/", tokens.issue, name="issue-token"),
    path("tokens/<uuid:token_id>/revoke/", tokens.revoke, name="revoke-token"),
    path("grants/<uuid:grant_id>/revoke/", grants.revoke, name="revoke-grant"),
    path("clients/", clients.register, name="register-client"),
    path("clients/<uuid:client_id>/", clients.page, name="client"),
    path("clients/<uuid:client_id>/remove/", clients.remove, name="remove-client"),
    path(
        "clients/<uuid:client_id>/lifetime/", clients.set_lifetime, name="set-lifetime"
    ),
    path(
        "clients/<uuid:client_id>/addresses/",
        clients.set_code_flow,
        name="set-code-flow",
    ),
    path("clients/<uuid:client_id>/secrets/", clients.add_secret, name="add-secret"),
    path(
        "clients/<uuid:client_id>/secrets/<uuid:secret_id>/revoke/",
        clients.revoke_secret,
        name="revoke-secret",
    ),
    path("clients/<uuid:client_id>/federation/", identities.add, name="add-identity"),
    path(
        "clients/<uuid:client_id>/federation/<uuid:identity_id>/remove/",
        identities.remove,
        name="remove-identity",
    ),
]

consent_pages = [
    path("authorize", consent.authorize, name="authorize"),
    path("deny", consent.deny, name="deny"),
]
