"""Whom oauthlib believes, and what it gives: our answers to the library's questions.

It reads requests and writes answers as RFC 6749 has it. Numbers such as B18 are rows of
the catalogue of what provisioning clients send.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone
from oauthlib.common import Request
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    InvalidGrantError,
    RefreshTokenGrant,
    RequestValidator,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import (
    code_challenge_method_s256,
)

from chatwork_admin.authorization import (
    assertion_authentication,
    credentials,
    grants,
    presented,
    registrations,
    tokens,
)
from chatwork_admin.authorization.client_authentication import (
    Authenticated,
    WrongCredentials,
    authenticate,
)
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.models import AccessToken, Grant
from chatwork_admin.authorization.oauth_errors import ComeBack
from chatwork_admin.authorization.presented import Assertion
from chatwork_admin.authorization.registrations import Registration

SCOPES = ("scim",)
# What the view says of a request beside its own headers
REFERENCE, ADDRESS = "reference", "address"


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc] # untyped
    """Of the ways to prove who began, only the one that keeps a secret (RFC 9700)."""

    _code_challenge_methods = {"S256": code_challenge_method_s256}


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc] # untyped
    """The grants there are, and no other."""

    def __init__(self) -> None:
        validator = Validator()
        code = CodeGrant(validator)
        grants = {
            "authorization_code": code,
            "client_credentials": ClientCredentialsGrant(validator),
            "refresh_token": RefreshTokenGrant(validator),
        }
        bearer = BearerToken(validator, _new_token, _seconds, _new_refresh_token)
        AuthorizationEndpoint.__init__(self, "code", bearer, {"code": code})
        # Who names no grant, or an unknown one, is answered by this (B22).
        TokenEndpoint.__init__(self, "client_credentials", bearer, grants)
        RevocationEndpoint.__init__(self, validator)


class Validator(RequestValidator):  # type: ignore[misc] # untyped
    """What only we can know: our clients, their secrets, their tokens."""

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """By a secret (B18), or by an assertion (B24)."""
        try:
            found = _authenticated(request)
        except WrongCredentials:
            return False
        except assertion_authentication.KeysUnavailable as unavailable:
            raise ComeBack(unavailable.seconds, request) from unavailable
        # Set here, so that nothing a client sends under these names is taken for them
        request.authenticated, request.client, request.grant = found, found.client, None
        request.client_id = found.client.client_id
        return True

    def validate_client_id(
        self, client_id: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        request.client = registrations.find(client_id)
        return request.client is not None

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *_: Any, **__: Any
    ) -> bool:
        """Letter for letter (RFC 9700 §4.1.3)."""
        return redirect_uri in request.client.redirect_uris

    def get_default_redirect_uri(self, *args: Any, **kwargs: Any) -> None:
        """Who asks must say where to."""

    def validate_response_type(
        self, client_id: str, response_type: str, *args: Any, **kwargs: Any
    ) -> bool:
        return response_type == "code"

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """Entra offers none, and is confidential (B11)."""
        return False

    def validate_code(
        self, client_id: str, code: str, client: object, request: Request, **_: Any
    ) -> bool:
        found: Authenticated = request.authenticated
        try:
            request.grant = grants.of_code(code, found.client, actor=found.actor)
        except grants.Worthless:
            return False
        request.scopes = [*SCOPES]
        # Else what proves who began could be taken away on the way (RFC 9700 §4.8.2)
        return bool(request.grant.code_challenge) or not request.code_verifier

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return request.grant.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return "S256"

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: object,
        request: Request,
    ) -> bool:
        """Another address than before spoils the grant (RFC 6749 §5.2)."""
        if redirect_uri != request.grant.redirect_uri:
            raise InvalidGrantError(request=request)
        return True

    def invalidate_authorization_code(self, *args: Any, **kwargs: Any) -> None:
        """A code with a refresh token is used: `save_bearer_token` has seen to it."""

    def validate_refresh_token(
        self, refresh_token: str, client: object, request: Request, **_: Any
    ) -> bool:
        found: Authenticated = request.authenticated
        try:
            request.grant = grants.of_refresh_token(refresh_token, found.client)
        except grants.Worthless:
            return False
        return True

    def revoke_token(self, token: str, hint: str, request: Request, **_: Any) -> None:
        """End a token of the client's, or a refresh token and what it gave."""
        found: Authenticated = request.authenticated
        try:
            grant = grants.of_refresh_token(token, found.client)
        except grants.Worthless:
            tokens.give_back(token, found.client.row, actor=found.actor)
        else:
            grants.revoke(grant.organization, grant.pk, actor=found.actor)

    def rotate_refresh_token(self, request: Request) -> bool:
        """A lost answer must not end the connection of a confidential client (D2)."""
        return False

    def get_original_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return [*SCOPES]

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Registration, *_: Any, **__: Any
    ) -> bool:
        """The gallery's client acts for an organization only by a grant of it."""
        return client.row is not None or grant_type != "client_credentials"

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
        found: Authenticated = request.authenticated
        grant: Grant | None = request.grant
        row = AccessToken(
            name=found.client.name,
            client=found.client.row,
            secret=found.secret,
            identity=found.identity,
            grant=grant,
            expires_at=timezone.now() + timedelta(seconds=token["expires_in"]),
        )
        actor = found.actor
        if grant is not None:
            row.organization = grant.organization
            grants.use(grant, token["refresh_token"])
            actor = replace(actor, id=str(row.client_id or grant.pk))
        elif found.client.row is not None:
            row.organization = found.client.row.organization
        tokens.store(row, token["access_token"], actor=actor)


def _authenticated(request: Request) -> Authenticated:
    header, headers = request.headers["Authorization"], request.headers
    called = {"reference": headers[REFERENCE], "address": headers[ADDRESS]}
    client_id, secret = request.client_id or "", request.client_secret or ""
    kind = getattr(request, "client_assertion_type", "")
    text = getattr(request, "client_assertion", "")
    if kind or text:
        assertion = Assertion(kind, text, is_alone=not (header or secret))
        return assertion_authentication.authenticate(client_id, assertion, **called)
    said = presented.credentials_of(header, client_id, secret)
    if said is None:
        raise WrongCredentials(WrongCredentials.__doc__)
    return authenticate(*said, **called)


def _new_token(_: Request) -> str:
    return credentials.new(Prefix.ACCESS_TOKEN)


def _new_refresh_token(_: Request) -> str:
    return credentials.new(Prefix.REFRESH_TOKEN)


def _seconds(request: Request) -> int:
    minutes: int = request.client.token_minutes
    return minutes * 60


SERVER = Server()
