"""Client credentials (RFC 6749 §4.4), rows B18 to B22 of the catalogue."""

from __future__ import annotations

import base64
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given, strategies

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, tokens
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.authorization.tasks import forget_tokens
from chatwork_admin.organizations.models import Organization
from tests.authorization.asking import Ask, given_token, refused, scim
from tests.authorization.conftest import (
    FORM,
    TOKEN,
    Registered,
    another_secret,
    basic,
    registered,
)
from tests.examples import DEAR


@pytest.mark.parametrize("way", ["header", "body", "both"])
def test_a_client_shows_its_secret_by_header_by_body_or_by_both(
    ask: Ask, entra: Registered, way: str
) -> None:
    answer = ask(
        {} if way == "header" else entra.body,
        authorization="" if way == "body" else entra.header,
    )

    assert answer.status_code == 200
    said = answer.json()
    assert said.keys() == {"access_token", "expires_in", "token_type", "scope"}
    assert (said["expires_in"], said["token_type"]) == (3600, "Bearer")
    assert len(said["access_token"]) < 1024
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "application/json"
    assert scim(said["access_token"]).status_code == 200


def test_the_body_may_repeat_the_id_beside_the_header(
    ask: Ask, entra: Registered
) -> None:
    fields = {"client_id": entra.client_id, "scope": "scim"}
    assert ask(fields, authorization=entra.header).status_code == 200


def test_two_ways_that_differ_are_refused(ask: Ask, entra: Registered) -> None:
    other = another_secret(entra.row, "second")
    theirs = registered(entra.row.organization, "Okta")
    for body in (
        entra.body | {"client_secret": other},  # as good, and yet not equal
        theirs.body,
        {"client_id": theirs.client_id},
        entra.body | {"client_secret": "x"},
    ):
        assert refused(ask(body, authorization=entra.header))
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        "Basic",
        "Basic !",
        "Basic bm9ib2R5",
        "Basic /w==",
        "Bearer x",
        basic("nobody", "x"),
        basic("00000000-0000-0000-0000-000000000000", "x"),
        basic("", ""),
        basic("\0", "\0"),
    ],
)
def test_a_header_that_proves_nothing_is_refused(
    ask: Ask, entra: Registered, said: str
) -> None:
    answer = ask({}, authorization=said)

    assert refused(answer)
    assert answer["WWW-Authenticate"] == 'Basic realm="oauth"'
    assert not AccessToken.objects.exists()


def test_the_scheme_is_read_in_any_case(ask: Ask, entra: Registered) -> None:
    said = entra.header.replace("Basic", "BASIC")
    assert ask({}, authorization=said).status_code == 200


def test_nothing_that_is_given_out_can_be_read_in_the_database(
    ask: Ask, entra: Registered
) -> None:
    token = given_token(ask, entra)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s',
                [f"{token}|{entra.secret}"],
            )
            assert cursor.fetchone() == (0,), table


def test_a_token_that_is_stored_belongs_to_client_and_secret(
    ask: Ask, entra: Registered
) -> None:
    given_token(ask, entra)

    row = AccessToken.objects.get()
    assert (row.client, row.organization) == (entra.row, entra.row.organization)
    assert row.secret == entra.row.secrets.get()
    assert row.secret.last_used_at is not None
    [event] = AuditEvent.objects.filter(action=Action.TOKEN_ISSUED)
    assert event.actor == {
        "kind": "provisioning-client",
        "id": entra.client_id,
        "label": "Entra ID",
    }
    assert event.reference


def test_the_client_is_who_provisions(ask: Ask, entra: Registered) -> None:
    token = given_token(ask, entra)
    for _ in range(2):  # the second is well known
        client = tokens.admit(token, reference="", address="")
        assert (client.actor.id, client.actor.label) == (entra.client_id, "Entra ID")


@pytest.mark.parametrize("minutes", [60, 90, 360])
def test_tokens_live_as_long_as_the_client_says(
    ask: Ask, enabled_acme: Organization, minutes: int
) -> None:
    row = clients.register(
        enabled_acme, name="Entra", token_minutes=minutes, actor=SYSTEM
    )
    answer = ask(Registered(row, another_secret(row)).body)

    assert answer.json()["expires_in"] == minutes * 60
    expires_at = AccessToken.objects.get().expires_at
    assert expires_at is not None
    left = expires_at - timezone.now()
    assert abs(left - timedelta(minutes=minutes)) < timedelta(seconds=30)


@pytest.mark.parametrize("minutes", [59, 361])
def test_the_database_keeps_the_lifetime_within_what_entra_takes(
    acme: Organization, minutes: int
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        clients.register(acme, name="x", token_minutes=minutes, actor=SYSTEM)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "urn:x"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "scim admin"}, "invalid_scope"),
    ],
)
def test_what_cannot_be_given_is_refused_as_the_rfc_says(
    ask: Ask, entra: Registered, fields: dict[str, str], error: str
) -> None:
    assert refused(ask(entra.body | fields), error, 400)
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("repeated", ["client_secret", "grant_type", "scope"])
def test_a_parameter_given_twice_is_refused(
    ask: Ask, entra: Registered, repeated: str
) -> None:
    fields = {"grant_type": "client_credentials", "scope": "scim", **entra.body}
    twice = urlencode([*fields.items(), (repeated, fields[repeated])])
    assert refused(ask(twice), "invalid_request", 400)


def test_no_credential_is_read_from_the_address(
    client: Client, entra: Registered
) -> None:
    fields = entra.body | {"grant_type": "client_credentials"}
    answer = client.post(f"{TOKEN}?{urlencode(fields)}", "", content_type=FORM)
    assert refused(answer, "invalid_request", 400)
    assert client.get(f"{TOKEN}?{urlencode(fields)}").status_code == 405


def test_another_kind_of_body_is_refused(client: Client, entra: Registered) -> None:
    fields = entra.body | {"grant_type": "client_credentials"}
    for answer in (
        client.post(TOKEN, fields, content_type="application/json"),
        client.post(TOKEN, fields),
        client.post(TOKEN, "grant_type=x&" * 2000, content_type=FORM),
        client.post(
            TOKEN, "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), content_type=FORM
        ),
    ):
        assert refused(answer, "invalid_request", 400)


@DEAR
@given(
    body=strategies.binary(max_size=300)
    | strategies.dictionaries(
        strategies.sampled_from(["grant_type", "client_id", "client_secret", "scope"]),
        strategies.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")),
    ).map(lambda fields: urlencode(fields).encode()),
    header=strategies.binary(max_size=60),
)
def test_whatever_is_sent_is_refused_and_nothing_fails(
    client: Client, entra: Registered, body: bytes, header: bytes
) -> None:
    said = "Basic " + base64.b64encode(header).decode()
    for authorization in ({}, {"authorization": said}):
        answer = client.post(TOKEN, body, content_type=FORM, headers=authorization)
        assert answer.status_code in {400, 401}
        assert answer.json()["error"]


def test_before_synchronization_is_enabled_a_token_is_given_and_scim_says_why_not(
    ask: Ask, acme: Organization
) -> None:
    token = given_token(ask, registered(acme))

    answer = scim(token)

    assert answer.status_code == 403
    assert "CW-SYNC-1" in answer.text


def test_expired_tokens_of_clients_are_forgotten(
    ask: Ask, entra: Registered, enabled_acme: Organization
) -> None:
    given_token(ask, entra)
    given_token(ask, entra)
    by_hand, _ = tokens.issue(
        enabled_acme, name="Okta", expires_at=timezone.now(), actor=SYSTEM
    )
    long_ago = timezone.now() - timedelta(days=2)
    kept = AccessToken.objects.filter(client__isnull=False).latest("id")
    AccessToken.objects.exclude(pk=kept.pk).update(expires_at=long_ago)

    forget_tokens()

    assert set(AccessToken.objects.all()) == {kept, by_hand}


def test_clients_have_names_of_their_own_and_are_ten_at_most(
    acme: Organization,
) -> None:
    for number in range(10):
        registered(acme, f"Client {number}")
    with pytest.raises(clients.NameTaken):
        registered(acme, "CLIENT 3")
    with pytest.raises(clients.TooManyClients):
        registered(acme, "Client 10")


def test_a_parameter_without_a_value_counts_as_left_out(
    ask: Ask, entra: Registered
) -> None:
    """A blank field of Entra ID's page (RFC 6749 §3.2)."""
    answer = ask({"scope": "", "resource": "", **entra.body})

    assert answer.status_code == 200
    assert answer.json()["scope"] == "scim"
