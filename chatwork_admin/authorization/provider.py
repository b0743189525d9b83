"""Whom oauthlib believes, and what it gives: our answers to the library's questions.

It reads requests and writes answers as RFC 6749 has it. Numbers such as B18 are rows of
the catalogue of what provisioning clients send.
"""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

from django.utils import timezone
from oauthlib.common import Request
from oauthlib.oauth2 import (
    BearerToken,
    ClientCredentialsGrant,
    OAuth2Error,
    RequestValidator,
    TokenEndpoint,
)

from chatwork_admin.authorization import credentials, tokens
from chatwork_admin.authorization.client_authentication import (
    TooManyFailures,
    WrongCredentials,
    authenticate,
)
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.models import AccessToken

SCOPES = ("scim",)
# What the view says of a request beside its own headers
REFERENCE, ADDRESS = "reference", "address"


class SlowDown(OAuth2Error):  # type: ignore[misc] # untyped
    """A client whose secret was wrong too often."""

    error = "invalid_client"
    status_code = 429

    def __init__(self, seconds: int, request: Request) -> None:
        super().__init__(description="Too many wrong secrets.", request=request)
        self.seconds = seconds

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}


class Server(TokenEndpoint):  # type: ignore[misc] # untyped
    """The grants there are, and no other."""

    def __init__(self) -> None:
        validator = Validator()
        grants = {"client_credentials": ClientCredentialsGrant(validator)}
        bearer = BearerToken(validator, _new_token, _seconds)
        # Who names no grant, or an unknown one, is answered by this (B22).
        super().__init__("client_credentials", bearer, grants)


class Validator(RequestValidator):  # type: ignore[misc] # untyped
    """What only we can know: our clients, their secrets, their tokens."""

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """By header, by body, or by both if they say the same (B18)."""
        said = {*_in_header(request), *_in_body(request)}
        if len(said) != 1:
            return False
        [(client_id, secret)] = said
        try:
            row, request.actor = authenticate(
                client_id,
                secret,
                reference=request.headers[REFERENCE],
                address=request.headers[ADDRESS],
            )
        except WrongCredentials:
            return False
        except TooManyFailures as failed:
            raise SlowDown(failed.seconds, request) from failed
        request.secret, request.client, request.client_id = row, row.client, client_id
        return True

    def validate_grant_type(self, *args: Any, **kwargs: Any) -> bool:
        """Every client may use what `Server` offers."""
        return True

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return [*SCOPES]

    def validate_scopes(
        self, client_id: str, scopes: list[str], *args: Any, **kwargs: Any
    ) -> bool:
        return set(scopes) <= set(SCOPES)

    def save_bearer_token(
        self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """A token is the organization's, whoever asked for it (D4)."""
        client = request.client
        row = AccessToken(
            organization=client.organization,
            name=client.name,
            client=client,
            secret=request.secret,
            expires_at=timezone.now() + timedelta(seconds=token["expires_in"]),
        )
        tokens.store(row, token["access_token"], actor=request.actor)


def _new_token(_: Request) -> str:
    return credentials.new(Prefix.ACCESS_TOKEN)


def _seconds(request: Request) -> int:
    minutes: int = request.client.token_minutes
    return minutes * 60


def _in_header(request: Request) -> list[tuple[str, str]]:
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return []
    try:
        decoded = base64.b64decode(said.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return [("", "")]  # nobody's
    client_id, _, secret = decoded.partition(":")
    return [(unquote_plus(client_id), unquote_plus(secret))]


def _in_body(request: Request) -> list[tuple[str, str]]:
    """Return what the body says; an id alone repeats what the header says (§3.2.1)."""
    client_id, secret = request.client_id or "", request.client_secret
    if secret:
        return [(client_id, secret)]
    is_header_meant = not client_id or any(
        client_id == said for said, _ in _in_header(request)
    )
    return [] if is_header_meant else [(client_id, "")]


SERVER = Server()
