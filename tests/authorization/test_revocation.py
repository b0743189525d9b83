"""Clients end what they were given (RFC 7009)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import Organization
from tests.authorization.asking import Ask, given_token, refused, scim
from tests.authorization.codes import code_of, exchange, refresh
from tests.authorization.conftest import FORM, Registered, registered
from tests.authorization.gallery import Gallery

REVOKE = "/oauth/revoke"
GiveBack = Callable[..., Any]


@pytest.fixture
def give_back(client: Client) -> GiveBack:
    def given_back(**fields: str) -> Any:
        return client.post(REVOKE, urlencode(fields), content_type=FORM)

    return given_back


@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "odd"])
def test_a_client_ends_its_access_token(
    ask: Ask, give_back: GiveBack, entra: Registered, hint: str
) -> None:
    token, other = given_token(ask, entra), given_token(ask, entra)

    for _ in range(2):
        answer = give_back(token=token, token_type_hint=hint, **entra.body)
        assert (answer.status_code, answer.text) == (200, "")

    assert answer["Cache-Control"] == "no-store"
    assert scim(token).status_code == 401
    assert scim(other).status_code == 200
    [event] = AuditEvent.objects.filter(action=Action.TOKEN_REVOKED)
    assert event.actor["id"] == entra.client_id


def test_a_refresh_token_ends_with_all_that_it_gave(
    as_alice: Client,
    ask: Ask,
    give_back: GiveBack,
    gallery: Gallery,
    enabled_acme: Organization,
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()

    assert give_back(token=said["refresh_token"], **gallery.body).status_code == 200

    assert scim(said["access_token"]).status_code == 401
    renewal = refresh(said["refresh_token"]) | gallery.body
    assert refused(ask(renewal), "invalid_grant", 400)
    assert AuditEvent.objects.filter(action=Action.GRANT_REVOKED).count() == 1


def test_the_gallery_ends_an_access_token_of_its_own(
    as_alice: Client,
    ask: Ask,
    give_back: GiveBack,
    gallery: Gallery,
    enabled_acme: Organization,
) -> None:
    said = ask(exchange(code_of(as_alice, gallery)) | gallery.body).json()
    assert give_back(token=said["access_token"], **gallery.body).status_code == 200
    assert scim(said["access_token"]).status_code == 401


def test_nobody_ends_what_is_somebody_elses(
    ask: Ask,
    give_back: GiveBack,
    gallery: Gallery,
    entra: Registered,
    globex: Organization,
) -> None:
    token = given_token(ask, entra)
    _, by_hand = tokens.issue(
        entra.row.organization, name="Okta", expires_at=None, actor=SYSTEM
    )
    for other in (registered(globex).body, gallery.body):
        for each in (token, by_hand, "x", "\0"):
            assert give_back(token=each, **other).status_code == 200
    assert scim(token).status_code == 200
    assert scim(by_hand).status_code == 200


def test_who_does_not_prove_who_it_is_ends_nothing(
    ask: Ask, give_back: GiveBack, entra: Registered
) -> None:
    token = given_token(ask, entra)
    wrong = entra.body | {"client_secret": "x"}
    assert refused(give_back(token=token, **wrong))
    assert refused(give_back(**entra.body), "invalid_request", 400)
    assert scim(token).status_code == 200
