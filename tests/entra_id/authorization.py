"""The button *Authorize*: what Microsoft knows of an application, and what it is given."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.entra_id.credentials import OAuthClient
from tests.entra_id.failures import BadConnection, failure_of


class NotAuthorized(Exception):
    """Whoever was asked has said no, or the answer belongs to another question."""


@dataclass(frozen=True)
class Registration:
    """What the publisher has registered with Microsoft; nobody edits it per customer (B8).

    `names_response_type`: Entra leaves it out for at least one application (B10).
    """

    authorization_endpoint: str
    token_endpoint: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    names_response_type: bool = False

    @classmethod
    def read(cls, file: Path) -> Self:
        return cls(**json.loads(file.read_text(encoding="utf-8")))

    def keep(self, file: Path) -> None:
        keep(json.dumps(asdict(self), indent=2), file)

    def client(self, refresh_token: str) -> OAuthClient:
        """Return what fetches access tokens by what was authorized."""
        return OAuthClient(
            self.token_endpoint,
            self.client_id,
            self.client_secret,
            sent="body",
            grant={"grant_type": "refresh_token", "refresh_token": refresh_token},
        )


@dataclass(frozen=True)
class Click:
    """One click on *Authorize*: the browser goes to `address`, and is led back."""

    registration: Registration
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def address(self) -> str:
        known = self.registration
        asked = {"client_id": known.client_id, "redirect_uri": known.redirect_uri}
        if known.names_response_type:
            asked["response_type"] = "code"
        query = urlencode(asked | {"state": self.state})
        return f"{known.authorization_endpoint}?{query}"

    def redeem(self, brought: str) -> str:
        """Exchange the code in the address the browser was led to for a refresh token.

        A code is good for a minute. Raises NotAuthorized, BadConnection.
        """
        known = self.registration
        fields = {
            "grant_type": "authorization_code",
            "code": self._code(brought),
            "redirect_uri": known.redirect_uri,
            "client_id": known.client_id,
            "client_secret": known.client_secret,
        }
        answer = httpx.post(known.token_endpoint, data=fields, timeout=60)
        if not answer.is_success:
            raise BadConnection(failure_of(answer))
        return str(answer.json()["refresh_token"])

    def _code(self, brought: str) -> str:
        if not brought.startswith(f"{self.registration.redirect_uri}?"):
            raise NotAuthorized(f"The answer went to {brought.partition('?')[0]}.")
        said = {
            name: each[0] for name, each in parse_qs(urlsplit(brought).query).items()
        }
        if said.get("state") != self.state:
            raise NotAuthorized("The answer belongs to another question.")
        if "code" not in said:
            raise NotAuthorized(f"The answer is {said.get('error')!r}.")
        return said["code"]


def keep(secret: str, file: Path) -> None:
    """Write what only its owner may read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(secret, encoding="utf-8")
