"""Authorization code and refresh (RFC 6749 §4.1, §6), rows B8 to B16 of the catalogue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import AccessToken, Grant
from chatwork_admin.organizations.models import Organization, User
from tests.authorization.asking import Ask, refused, scim
from tests.authorization.codes import (
    CHALLENGE,
    VERIFIER,
    Knowing,
    code_of,
    exchange,
    refresh,
)
from tests.authorization.conftest import Registered, authorizable, registered
from tests.authorization.gallery import BACK, Gallery


@pytest.fixture(params=["gallery", "registered"])
def knowing(
    request: pytest.FixtureRequest, enabled_acme: Organization
) -> Gallery | Registered:
    if request.param == "gallery":
        return request.getfixturevalue("gallery")  # type: ignore[no-any-return]
    return authorizable(enabled_acme)


def test_a_code_is_worth_a_token_that_can_be_refreshed(
    as_alice: Client, ask: Ask, knowing: Knowing, alice: User
) -> None:
    given_code = code_of(as_alice, knowing)

    answer = ask(exchange(given_code) | knowing.body)

    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said.keys() == {
        "access_token",
        "expires_in",
        "refresh_token",
        "scope",
        "token_type",
    }
    assert scim(said["access_token"]).status_code == 200
    again = ask(refresh(said["refresh_token"]) | knowing.body)
    assert again.status_code == 200
    assert again.json()["refresh_token"] == said["refresh_token"]  # not rotated (D2)
    assert scim(again.json()["access_token"]).status_code == 200
    assert scim(said["access_token"]).status_code == 200  # lives out its hour (D3)
    grant = Grant.objects.get()
    assert (grant.organization, grant.authorized_by) == (alice.organization, alice)
    [event] = AuditEvent.objects.filter(action=Action.GRANT_AUTHORIZED)
    assert event.actor["label"] == "Alice"


def test_who_provisions_by_a_grant_of_the_gallery_has_its_name(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    grant = enabled_acme.grants.get()
    for _ in range(2):  # the second is well known
        client = tokens.admit(said["access_token"], reference="", address="")
        assert client.actor.id == str(grant.pk)
        assert client.actor.label == "Microsoft Entra ID"
    event = AuditEvent.objects.get(action=Action.TOKEN_ISSUED)
    assert event.actor["id"] == str(grant.pk)


def test_a_code_is_good_once_and_its_reuse_ends_what_it_gave(
    as_alice: Client, ask: Ask, knowing: Knowing
) -> None:
    fields = exchange(code_of(as_alice, knowing)) | knowing.body
    said = ask(fields).json()

    assert refused(ask(fields), "invalid_grant", 400)

    assert scim(said["access_token"]).status_code == 401
    renewal = refresh(said["refresh_token"]) | knowing.body
    assert refused(ask(renewal), "invalid_grant", 400)
    assert refused(ask(fields), "invalid_grant", 400)
    assert AuditEvent.objects.filter(action=Action.CODE_REUSED).count() == 1


def test_a_code_is_good_for_a_minute(
    as_alice: Client, ask: Ask, knowing: Knowing
) -> None:
    code = code_of(as_alice, knowing)
    Grant.objects.update(issued_at=timezone.now() - timedelta(minutes=1))
    assert refused(ask(exchange(code) | knowing.body), "invalid_grant", 400)


def test_a_code_is_bound_to_the_client_and_the_address(
    as_alice: Client, ask: Ask, gallery: Gallery, settings: Any, enabled_acme: Any
) -> None:
    other = registered(enabled_acme)
    settings.OAUTH_REDIRECT_URIS = [BACK, "https://entra.microsoft.com/x"]
    code = code_of(as_alice, gallery)

    assert refused(ask(exchange(code) | other.body), "invalid_grant", 400)
    elsewhere = exchange(code, redirect_uri="https://entra.microsoft.com/x")
    assert refused(ask(elsewhere | gallery.body), "invalid_grant", 400)
    nowhere = exchange(code) | gallery.body
    del nowhere["redirect_uri"]
    assert refused(ask(nowhere), "invalid_request", 400)
    assert not AccessToken.objects.exists()
    assert ask(exchange(code) | gallery.body).status_code == 200


def test_a_refresh_token_is_bound_to_the_client(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    other = registered(enabled_acme)
    fields = refresh(said["refresh_token"])
    assert refused(ask(fields | other.body), "invalid_grant", 400)
    assert refused(ask(fields | gallery.body | {"client_secret": "x"}))


@pytest.mark.parametrize(
    ("verifier", "status"), [(VERIFIER, 200), ("w" * 43, 400), ("", 400)]
)
def test_who_began_with_a_challenge_must_know_its_answer(
    as_alice: Client, ask: Ask, knowing: Knowing, verifier: str, status: int
) -> None:
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = code_of(as_alice, knowing, **pkce)
    proof = {"code_verifier": verifier} if verifier else {}
    assert ask(exchange(code) | knowing.body | proof).status_code == status


def test_a_challenge_that_was_taken_away_is_missed(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    fields = exchange(code_of(as_alice, gallery)) | gallery.body
    proof = {"code_verifier": VERIFIER}
    assert refused(ask(fields | proof), "invalid_grant", 400)


def test_the_gallery_gets_nothing_without_a_grant(ask: Ask, gallery: Gallery) -> None:
    fields = gallery.body | {"grant": "x", "client": "x", "authenticated": "x"}
    assert refused(ask(fields), "unauthorized_client", 400)
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("field", ["code", "refresh_token"])
def test_what_nobody_has_given_is_worth_nothing(
    ask: Ask, gallery: Gallery, field: str
) -> None:
    kind = {"code": "authorization_code", "refresh_token": "refresh_token"}[field]
    for said in ("x", "", "\0", "scimcode_" + "A" * 43 + "_00000000"):
        fields = {"grant_type": kind, field: said, "redirect_uri": BACK}
        answer = ask(fields | gallery.body)
        assert answer.status_code == 400
        assert answer.json()["error"] in {"invalid_grant", "invalid_request"}


def test_neither_codes_nor_refresh_tokens_can_be_read_in_the_database(
    as_alice: Client, ask: Ask, gallery: Gallery, enabled_acme: Organization
) -> None:
    code = code_of(as_alice, gallery)
    said = ask(exchange(code) | gallery.body).json()
    given_out = f"{code}|{said['access_token']}|{said['refresh_token']}"
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            sql = f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s'
            cursor.execute(sql, [given_out])
            assert cursor.fetchone() == (0,), table
