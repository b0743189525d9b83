"""What the authorization server says of itself (RFC 8414)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.authorization.asking import Ask, refused
from tests.authorization.conftest import Registered

METADATA = "/.well-known/oauth-authorization-server"


def test_the_metadata_says_where_and_how(client: Client) -> None:
    answer = client.get(METADATA)

    assert answer.json() == {
        "issuer": "https://admin.example.jp",
        "token_endpoint": "https://admin.example.jp/oauth/token",
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "revocation_endpoint": "https://admin.example.jp/oauth/revoke",
        "revocation_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "revocation_endpoint_auth_signing_alg_values_supported": [
            "RS256",
            "PS256",
            "ES256",
        ],
        "authorization_endpoint": "https://admin.example.jp/oauth/authorize",
        "authorization_response_iss_parameter_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": [
            "authorization_code",
            "client_credentials",
            "refresh_token",
        ],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "scopes_supported": ["scim"],
    }


def test_grants_are_those_that_are_named(
    client: Client, ask: Ask, entra: Registered
) -> None:
    named = client.get(METADATA).json()["grant_types_supported"]
    jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    for grant in (*named, "password", "implicit", jwt_bearer):
        error = ask(entra.body | {"grant_type": grant}).json().get("error")
        assert (error == "unsupported_grant_type") == (grant not in named)


@pytest.mark.parametrize("left_out", ["client_secret", "client_id"])
def test_no_client_is_public(ask: Ask, entra: Registered, left_out: str) -> None:
    fields = entra.body
    del fields[left_out]
    assert refused(ask(fields))
