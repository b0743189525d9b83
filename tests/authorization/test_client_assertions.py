"""Clients proven by assertions (RFC 7523), rows B24 and B25 of the catalogue."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.test import Client
from django.utils import timezone
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, key_sets, workload_identities
from chatwork_admin.authorization.models import (
    AccessToken,
    UsedAssertion,
    WorkloadIdentity,
)
from chatwork_admin.authorization.tasks import forget_tokens
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.authorization.asking import Ask, refused, scim
from tests.authorization.conftest import FORM, Registered, registered
from tests.authorization.gallery import GALLERY, Gallery
from tests.authorization.hostile_assertions import DAY, In, dated
from tests.authorization.workloads import Trusted, entra_tenant, reasons, trusted
from tests.conftest import actor_for, enable
from tests.entra_id.workload_identity import key_id

SIGNERS: dict[str, Any] = {
    "RS256": entra_tenant().key,
    "PS256": entra_tenant().key,
    "ES256": ec.generate_private_key(ec.SECP256R1()),
}


def jwk_of(key: Any) -> dict[str, Any]:
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    algorithm = RSAAlgorithm if is_rsa else ECAlgorithm
    return dict(algorithm.to_jwk(key.public_key(), as_dict=True))


def given_token(ask: Ask, workload: Trusted) -> str:
    answer = ask(workload.body())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def test_an_assertion_is_worth_an_access_token(ask: Ask, workload: Trusted) -> None:
    answer = ask(workload.body())

    assert answer.status_code == 200
    said = answer.json()
    assert said.keys() == {"access_token", "expires_in", "token_type", "scope"}
    assert answer["Cache-Control"] == "no-store"
    assert scim(said["access_token"]).status_code == 200
    row = AccessToken.objects.get()
    assert (row.client, row.identity) == (workload.client, workload.row)
    assert row.secret is None
    workload.row.refresh_from_db()
    assert workload.row.last_used_at is not None
    assert reasons() == []


@pytest.mark.parametrize("signed_with", SIGNERS)
@pytest.mark.parametrize("trusted_for", SIGNERS)
def test_a_key_is_good_for_its_own_algorithm(
    ask: Ask, workload: Trusted, trusted_for: str, signed_with: str
) -> None:
    listed = jwk_of(SIGNERS[trusted_for]) | {"alg": trusted_for, "kid": "its"}
    workload.row.keys = key_sets.read(json.dumps({"keys": [listed]}).encode())
    workload.row.save()
    claims, key = workload.workload.claims(), SIGNERS[signed_with]
    assertion = jwt.encode(claims, key, signed_with, headers={"kid": "its"})

    answer = ask(workload.body(assertion))

    if trusted_for == signed_with:
        assert answer.status_code == 200
    else:
        assert refused(answer)
        assert reasons() == ["assertion-algorithm"]


def test_keys_that_were_kept_without_an_algorithm_go_on(
    ask: Ask, workload: Trusted
) -> None:
    for key in workload.row.keys.values():
        del key["alg"]
    workload.row.save()
    assert ask(workload.body()).status_code == 200


def test_one_that_has_no_id_may_come_again(ask: Ask, workload: Trusted) -> None:
    assertion = workload.workload.assertion()
    for _ in range(2):  # Entra keeps its tokens for their hour
        assert ask(workload.body(assertion)).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": In(-5)},
        {"iat": In(20), "nbf": In(20), "exp": In(900)},
        {"iat": In(100 - DAY), "exp": In(100)},
        {"iat": In(-0.5), "exp": In(100.5)},
        {"nbf": None},
    ],
)
def test_clocks_may_differ_by_a_minute_and_a_day_is_the_longest_life(
    ask: Ask, workload: Trusted, changed: dict[str, Any]
) -> None:
    assert ask(workload.body(workload.says(**dated(changed)))).status_code == 200


@pytest.mark.parametrize("kind", [None, "jwt", "client-authentication+jwt"])
def test_the_type_may_be_left_out(ask: Ask, workload: Trusted, kind: str) -> None:
    assert ask(workload.body(workload.headed(typ=kind))).status_code == 200


def test_one_with_an_id_is_taken_once(ask: Ask, workload: Trusted) -> None:
    assertion = workload.says(jti="once")
    assert ask(workload.body(assertion)).status_code == 200

    assert refused(ask(workload.body(assertion)))
    assert refused(
        ask(workload.body(workload.says(**dated({"jti": "once", "exp": In(1800)}))))
    )

    assert reasons() == ["assertion-replayed"] * 2
    assert AccessToken.objects.count() == 1
    assert ask(workload.body(workload.says(jti="twice\ud800"))).status_code == 200


def test_ids_are_forgotten_once_they_are_over(ask: Ask, workload: Trusted) -> None:
    ask(workload.body(workload.says(jti="one")))
    forget_tokens()
    assert UsedAssertion.objects.count() == 1

    UsedAssertion.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_tokens()

    assert not UsedAssertion.objects.exists()


def test_beside_a_secret_no_assertion_counts(
    ask: Ask, entra: Registered, workload: Trusted
) -> None:
    assert refused(ask(workload.body(client_secret=entra.secret)))
    assert refused(ask(workload.body(), authorization=entra.header))
    assert reasons() == ["assertion-beside-a-secret"] * 2
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    "kind", ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "jwt"]
)
def test_another_type_of_assertion_is_refused(
    ask: Ask, workload: Trusted, kind: str
) -> None:
    assert refused(ask(workload.body(client_assertion_type=kind)))
    assert reasons() == ["assertion-of-other-type"]


def test_a_type_without_an_assertion_is_refused(
    ask: Ask, entra: Registered, workload: Trusted
) -> None:
    fields = workload.body()
    del fields["client_assertion"]
    assert refused(ask(fields))
    assert reasons() == ["assertion-unreadable"]


@pytest.mark.parametrize("name", ["client_assertion", "client_assertion_type"])
def test_an_assertion_given_twice_is_refused(
    ask: Ask, workload: Trusted, name: str
) -> None:
    fields = workload.body() | {"grant_type": "client_credentials"}
    twice = urlencode([*fields.items(), (name, fields[name])])
    assert refused(ask(twice), "invalid_request", 400)


def test_who_names_no_client_or_another_is_refused(
    ask: Ask, workload: Trusted, gallery: Gallery
) -> None:
    other = registered(workload.client.organization, "Okta").client_id
    for client_id in ("", "x", "00000000-0000-0000-0000-000000000000", GALLERY):
        assert refused(ask(workload.body(client_id=client_id)))
    assert reasons() == []
    assert refused(ask(workload.body(client_id=other)))
    assert reasons() == ["assertion-issuer"]


def test_a_neighbours_client_is_not_proven_by_whom_acme_trusts(
    ask: Ask, workload: Trusted, globex: Organization
) -> None:
    enable(globex)
    theirs = registered(globex)
    assert refused(ask(workload.body(client_id=theirs.client_id)))
    [event] = AuditEvent.objects.filter(action=Action.ASSERTION_REFUSED)
    assert event.organization_id == globex.pk


def test_keys_that_may_be_over_are_believed_no_more(
    ask: Ask, workload: Trusted
) -> None:
    """The issuer cannot be reached, as it names no host of ours."""
    three_days_ago = timezone.now() - timedelta(days=3)
    WorkloadIdentity.objects.update(
        keys_fetched_at=three_days_ago, jwks_uri="https://evil.test/keys"
    )

    answer = ask(workload.body())

    assert refused(answer, "temporarily_unavailable", 503)
    assert 55 < int(answer["Retry-After"]) <= 60  # nobody looks again before
    assert reasons() == []
    assert not AccessToken.objects.exists()
    WorkloadIdentity.objects.update(
        keys_fetched_at=three_days_ago + timedelta(minutes=1)
    )
    assert ask(workload.body()).status_code == 200


def test_removing_an_identity_ends_what_it_was_given(
    ask: Ask, entra: Registered, workload: Trusted
) -> None:
    token, by_secret = given_token(ask, workload), ask(entra.body).json()

    workload_identities.remove(
        workload.client.organization, workload.client.pk, workload.row.pk, actor=SYSTEM
    )

    assert scim(token).status_code == 401
    assert refused(ask(workload.body()))
    assert reasons() == ["assertion-issuer"]
    assert scim(by_secret["access_token"]).status_code == 200


def test_removing_the_client_ends_its_identities(ask: Ask, workload: Trusted) -> None:
    token = given_token(ask, workload)
    clients.remove(workload.client.organization, workload.client.pk, actor=SYSTEM)
    assert scim(token).status_code == 401
    assert refused(ask(workload.body()))


def test_disabling_ends_identities_as_it_ends_secrets(
    ask: Ask, workload: Trusted, enabled_acme: Organization, alice: User
) -> None:
    token = given_token(ask, workload)
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))

    assert scim(token).status_code == 403
    assert refused(ask(workload.body()))
    enable(enabled_acme)
    assert scim(token).status_code == 401
    assert refused(ask(workload.body()))
    renewed = trusted(workload.client)
    assert scim(given_token(ask, renewed)).status_code == 200


def test_a_client_that_is_proven_so_ends_its_tokens(
    client: Client, ask: Ask, workload: Trusted
) -> None:
    token = given_token(ask, workload)
    fields = urlencode(workload.body() | {"token": token})
    answer = client.post("/oauth/revoke", fields, content_type=FORM)
    assert answer.status_code == 200
    assert scim(token).status_code == 401


def test_the_keys_that_are_kept_are_public(workload: Trusted) -> None:
    [kept] = workload.row.keys.values()
    assert kept.keys() == {"kty", "n", "e", "alg"}
    assert [*workload.row.keys] == [key_id(entra_tenant())]
