"""Clients of Acme, and what they send to the token endpoint."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, credentials, grants
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.grants import Asked
from chatwork_admin.authorization.models import Grant, OAuthClient
from chatwork_admin.authorization.redirect_addresses import CodeFlow
from chatwork_admin.authorization.registrations import Registration
from chatwork_admin.organizations.models import Organization, User
from tests.authorization.gallery import BACK, GALLERY
from tests.authorization.workloads import Trusted, trusted
from tests.conftest import actor_for

TOKEN = "/oauth/token"
FORM = "application/x-www-form-urlencoded"
Fields = dict[str, str]
Later = Callable[..., None]


@dataclass(frozen=True)
class Registered:
    """A client, and a secret that it knows."""

    row: OAuthClient
    secret: str

    @property
    def client_id(self) -> str:
        return self.row.client_id

    @property
    def body(self) -> Fields:
        return {"client_id": self.client_id, "client_secret": self.secret}

    @property
    def header(self) -> str:
        return basic(self.client_id, self.secret)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def registered(organization: Organization, name: str = "Entra ID") -> Registered:
    row = clients.register(organization, name=name, token_minutes=60, actor=SYSTEM)
    return Registered(row, another_secret(row))


def authorizable(
    organization: Organization,
    *addresses: str,
    name: str = "Entra ID",
    may_omit_response_type: bool = False,
) -> Registered:
    """A client that can be authorized, by the button of Entra's unless said otherwise."""
    client = registered(organization, name)
    flow = CodeFlow(addresses or (BACK,), may_omit_response_type)
    clients.set_code_flow(organization, client.row.pk, flow, actor=SYSTEM)
    return client


def another_secret(row: OAuthClient, note: str = "first") -> str:
    return clients.add_secret(
        row.organization,
        row.pk,
        note=note,
        expires_at=timezone.now() + timedelta(days=365),
        actor=SYSTEM,
    )


def granted(organization: Organization) -> Grant:
    """A connection that was authorized, and whose code was exchanged."""
    administrator = organization.users.get(role=User.Role.ADMINISTRATOR)
    asked = Asked(Registration(GALLERY, "Microsoft Entra ID", 60, None), BACK, "1", "")
    actor = actor_for(administrator)
    grants.authorize(organization, asked, administrator=administrator, actor=actor)
    grant = organization.grants.latest("id")
    grants.use(grant, credentials.new(Prefix.REFRESH_TOKEN))
    return grant


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let it be so much later than it is, for whoever asks from then on."""
    now = timezone.now

    def be_later(**time: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(**time))

    return be_later


@pytest.fixture
def entra(enabled_acme: Organization) -> Registered:
    return registered(enabled_acme)


@pytest.fixture
def workload(entra: Registered) -> Trusted:
    return trusted(entra.row)


@pytest.fixture
def ask(client: Client) -> Callable[..., Any]:
    """Ask for a token by client credentials."""

    def asked(fields: Fields | str = "", *, authorization: str = "") -> Any:
        if isinstance(fields, dict):
            fields = urlencode({"grant_type": "client_credentials"} | fields)
        headers = {"authorization": authorization} if authorization else {}
        return client.post(TOKEN, fields, content_type=FORM, headers=headers)

    return asked
