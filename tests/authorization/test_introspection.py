"""What services of this installation are told of a token (RFC 7662), and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import INSTALLATION, SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.authorization.asking import Ask, given_token, scim
from tests.authorization.conftest import FORM, Registered
from tests.authorization.test_at_once import (
    Spoil,
    disable,
    end_the_plan,
    let_it_expire,
    revoke_what_it_is_for,
)
from tests.conftest import actor_for

ADDRESS = "/oauth/introspect"
METADATA = "/.well-known/oauth-authorization-server"
SECRET = "a secret of the installation's own services"


@pytest.fixture(autouse=True)
def offered(settings: Any) -> None:
    settings.OAUTH_INTROSPECTION_SECRETS = ["the one before", SECRET]


def asked(token: str, said: str = f"Bearer {SECRET}", **fields: str) -> Any:
    headers = {"authorization": said} if said else {}
    body = urlencode({"token": token} | fields)
    return Client().post(ADDRESS, body, content_type=FORM, headers=headers)


def is_active(token: str) -> bool:
    answer = asked(token)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    said: dict[str, Any] = answer.json()
    assert said["active"] or said == {"active": False}  # and not a word more (§2.2)
    return bool(said["active"])


def test_a_token_that_is_good_is_described(ask: Ask, entra: Registered) -> None:
    token = given_token(ask, entra)

    said = asked(token).json()

    row = AccessToken.objects.get()
    assert row.expires_at is not None
    assert said == {
        "active": True,
        "scope": "scim",
        "token_type": "Bearer",
        "client_id": entra.client_id,
        "iss": "https://admin.example.jp",
        "sub": str(entra.row.organization_id),
        "iat": int(row.issued_at.timestamp()),
        "exp": int(row.expires_at.timestamp()),
    }
    assert row.last_used_at is None  # to look is not to use


def test_a_token_issued_by_hand_has_no_client_and_perhaps_no_end(
    enabled_acme: Organization,
) -> None:
    _, token = tokens.issue(enabled_acme, name="x", expires_at=None, actor=SYSTEM)
    said = asked(token, token_type_hint="access_token").json()
    assert said["active"]
    assert said.keys().isdisjoint({"client_id", "exp"})


def pause(acme: Organization, alice: User) -> None:
    gate.pause(acme, actor=actor_for(alice), reason="a test")


@pytest.mark.parametrize(
    "spoil",
    [revoke_what_it_is_for, let_it_expire, disable, end_the_plan, pause],
)
def test_what_scim_refuses_is_not_active(
    ask: Ask, entra: Registered, alice: User, spoil: Spoil
) -> None:
    token = given_token(ask, entra)
    assert is_active(token)

    spoil(entra.row.organization, alice)

    assert scim(token).status_code in {401, 403, 503}
    assert not is_active(token)


@pytest.mark.parametrize("token", ["", "x", "scim_x_y", "\0", "é" * 5000])
def test_what_is_no_token_is_not_active(enabled_acme: Organization, token: str) -> None:
    assert not is_active(token)


def test_a_secret_or_a_refresh_token_is_not_active(ask: Ask, entra: Registered) -> None:
    assert not is_active(entra.secret)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "said",
    ["", "Bearer", "Bearer ", f"Basic {SECRET}", f"Bearer {SECRET}x", "Bearer \xe9"],
)
def test_nobody_else_is_told_anything(ask: Ask, entra: Registered, said: str) -> None:
    token = given_token(ask, entra)

    answer = asked(token, said)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="introspection"'
    assert answer.json() == {"error": "invalid_token"}
    [event] = AuditEvent.objects.filter(action=Action.CLIENT_REFUSED)
    assert event.organization_id == INSTALLATION
    assert event.target["id"] == "introspection"
    assert SECRET not in str(event.context)


def test_a_client_of_an_organization_is_nobody_here(
    ask: Ask, entra: Registered
) -> None:
    token = given_token(ask, entra)
    for said in (entra.header, f"Bearer {token}", f"Bearer {entra.secret}"):
        assert asked(token, said).status_code == 401


def test_wrong_secrets_are_recorded_ten_times_and_lock_nobody_out(
    ask: Ask, entra: Registered
) -> None:
    token = given_token(ask, entra)
    answers = [asked(token, "Bearer guess").status_code for _ in range(12)]

    assert answers == [401] * 12
    assert AuditEvent.objects.filter(action=Action.CLIENT_REFUSED).count() == 10
    assert is_active(token)


def test_no_token_is_read_from_the_address(ask: Ask, entra: Registered) -> None:
    token = given_token(ask, entra)
    said = {"authorization": f"Bearer {SECRET}"}
    address = f"{ADDRESS}?token={token}"
    answer = Client().post(address, "", content_type=FORM, headers=said)
    assert answer.status_code == 400
    assert Client().get(address, headers=said).status_code == 405


def test_without_a_secret_it_is_not_there(
    ask: Ask, entra: Registered, client: Client, settings: Any
) -> None:
    assert client.get(METADATA).json()["introspection_endpoint"].endswith(ADDRESS)
    settings.OAUTH_INTROSPECTION_SECRETS = []
    token = given_token(ask, entra)
    for said in ("", "Bearer ", f"Bearer {SECRET}"):
        assert asked(token, said).status_code == 404
    assert "introspection_endpoint" not in client.get(METADATA).json()
    assert not AuditEvent.objects.filter(action=Action.CLIENT_REFUSED).exists()


def test_an_old_token_is_described_until_it_ends(ask: Ask, entra: Registered) -> None:
    token = given_token(ask, entra)
    soon = timezone.now() + timedelta(seconds=30)
    AccessToken.objects.update(expires_at=soon)
    assert asked(token).json()["exp"] == int(soon.timestamp())
