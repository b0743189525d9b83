"""The prepared statements answer as the long way does, whatever the document."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given

from chatwork_admin.organizations.models import Organization, User
from scim import prepared
from tests.examples import DEAR
from tests.scim.conftest import USERS, Document, Provisioning
from tests.scim.statements import plan, recorded
from tests.scim.test_round_trips import DOCUMENTS

LONG_WAY = {"excludedAttributes": "nothing"}


@DEAR
@given(document=DOCUMENTS)
def test_a_user_is_the_same_either_way(entra: Provisioning, document: Document) -> None:
    user = entra.post(USERS, document).id
    groups = [entra.create_group(name, user) for name in ('A "quoted"\\', "営業部")]

    short = entra.get(f"{USERS}/{user}")
    long = entra.get(f"{USERS}/{user}", **LONG_WAY)
    matched = entra.get(USERS, filter='USERNAME eq "A@example.jp"')
    found = entra.get(USERS, filter='userName eq "a@example.jp"', **LONG_WAY)
    for path in (f"{USERS}/{user}", *(f"/scim/v2/Groups/{group}" for group in groups)):
        entra.delete(path)

    assert (short.body, short.headers["ETag"]) == (long.body, long.headers["ETag"])
    assert matched.body == found.body
    assert matched.resources == [short.body]
    assert [group["value"] for group in short.body["groups"]] == groups


def test_nobody_is_nobody_either_way(entra: Provisioning, mallory: User) -> None:
    for name in ("nobody@example.jp", mallory.user_name):
        match = f'userName eq "{name}"'
        short = entra.get(USERS, filter=match)
        assert short.body == entra.get(USERS, filter=match, **LONG_WAY).body
        assert (short.status, short.resources) == (200, [])
    assert entra.get(f"{USERS}/{mallory.pk}").status == 404


def test_entras_own_flag_means_nothing_to_us(entra: Provisioning) -> None:
    user = entra.create("a@example.jp")

    answer = entra.client.get(
        f'{USERS}?aadOptscim062020&filter=userName eq "a@example.jp"'
    )

    assert user in answer.content.decode()


def test_a_page_shows_everybody_as_a_read_does(entra: Provisioning) -> None:
    people = [entra.create(f"user{number}@example.jp") for number in range(3)]
    entra.create_group('A "quoted"\\', *people[:2])
    entra.create_group("営業部", people[0])

    shown = {each["id"]: each for each in entra.get(USERS).resources}

    for user in people:
        assert shown[user] == entra.get(f"{USERS}/{user}").body


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_a_page_is_read_by_indexes(
    enabled_acme: Organization, alice: User, mode: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with recorded() as statements:
        prepared.users(enabled_acme, [alice.pk])

    assert "Seq Scan" not in plan(statements[0], mode)
