"""What the authorization server says of itself (RFC 8414)."""

from __future__ import annotations

from django.test import Client


def test_the_metadata_says_where_and_how(client: Client) -> None:
    answer = client.get("/.well-known/oauth-authorization-server")

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
