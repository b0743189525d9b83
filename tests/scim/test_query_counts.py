"""How often the database is asked: as often for one as for many."""

from __future__ import annotations

import re
from typing import Any, Protocol

import pytest
from django.db import connection

from chatwork_admin.organizations.models import Organization, User
from tests.scim.conftest import GROUPS, USERS, Document, Provisioning
from tests.scim.statements import plan, recorded


class AtMost(Protocol):
    def __call__(self, number: int) -> Any: ...


@pytest.fixture(autouse=True)
def contact(entra: Provisioning, enabled_acme: Organization) -> None:
    """A first request, so that "last used" and "last contact" are not written again.

    And licences in plenty: who comes near the last one waits for a lock.
    """
    Organization.objects.filter(pk=enabled_acme.pk).update(licences=100_000)
    entra.get(USERS, count=0)


@pytest.fixture
def five_hundred(enabled_acme: Organization) -> list[str]:
    people = User.objects.bulk_create(
        User(
            organization=enabled_acme,
            user_name=f"user{number}@example.jp",
            user_name_key=f"user{number}@example.jp",
            document={"userName": f"user{number}@example.jp", "active": True},
        )
        for number in range(500)
    )
    return [str(person.pk) for person in people]


# What a request costs besides its own: who calls, and the transaction of a write.
CALLER = 1
WRITE = 2  # a savepoint here, BEGIN and COMMIT in production


def test_a_match_is_one_statement(
    entra: Provisioning, django_assert_num_queries: AtMost
) -> None:
    entra.create("a@example.jp")

    with django_assert_num_queries(CALLER + 1):
        assert entra.found('userName eq "a@example.jp"') == ["a@example.jp"]
    with django_assert_num_queries(CALLER + 1):
        assert entra.found('userName eq "b@example.jp"') == []


def test_a_read_is_one_statement(
    entra: Provisioning, django_assert_num_queries: AtMost
) -> None:
    user = entra.create("a@example.jp")
    entra.create_group("A", user)
    entra.create_group("B", user)

    with django_assert_num_queries(CALLER + 1):
        entra.get(f"{USERS}/{user}")


def test_a_page_is_as_many_statements_however_long(
    entra: Provisioning, five_hundred: list[str], django_assert_num_queries: AtMost
) -> None:
    entra.create_group("A", *five_hundred)

    # who is on it; in how many groups; they themselves; how many there are in all; of
    # many, how large
    for count, statements in ((10, 4), (100, 5), (200, 5)):
        with django_assert_num_queries(CALLER + statements):
            answer = entra.get(USERS, count=count)
        assert answer.body["itemsPerPage"] == count


def test_a_creation(entra: Provisioning, django_assert_num_queries: AtMost) -> None:
    # the user, if there is a licence and he was not here before, event and deliveries
    with django_assert_num_queries(CALLER + WRITE + 1):
        entra.create("a@example.jp")


def test_a_change(entra: Provisioning, django_assert_num_queries: AtMost) -> None:
    user = entra.create("a@example.jp")
    operation = {"op": "replace", "path": "title", "value": "T"}

    # lock; update; event with deliveries; groups of the answer
    with django_assert_num_queries(CALLER + WRITE + 4):
        entra.patch(f"{USERS}/{user}", operation)
    with django_assert_num_queries(CALLER + WRITE + 2):  # again: nothing to write
        entra.patch(f"{USERS}/{user}", operation)


def _members(*people: str) -> Document:
    return {
        "op": "add",
        "path": "members",
        "value": [{"value": person} for person in people],
    }


def test_members_cost_the_same_however_many(
    entra: Provisioning, five_hundred: list[str], django_assert_num_queries: AtMost
) -> None:
    """Row H12."""
    one, many = entra.create_group("One"), entra.create_group("Many")

    # lock; who joins; update; event with deliveries
    for group, people in ((one, five_hundred[:1]), (many, five_hundred)):
        with django_assert_num_queries(CALLER + WRITE + 4):
            entra.patch(f"{GROUPS}/{group}", _members(*people))
    assert len(entra.members(many)) == 500


def test_a_group_of_many_costs_the_same_with_its_members_or_without(
    entra: Provisioning, five_hundred: list[str], django_assert_num_queries: AtMost
) -> None:
    group = entra.create_group("Many", *five_hundred)

    for parameters in ({}, {"excludedAttributes": "members"}):
        with django_assert_num_queries(CALLER + 1):
            entra.get(f"{GROUPS}/{group}", **parameters)
        with django_assert_num_queries(CALLER + 2):  # which one; it itself
            entra.get(GROUPS, filter='displayName eq "Many"', **parameters)


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_members_come_and_go_by_index(
    entra: Provisioning, five_hundred: list[str], mode: str
) -> None:
    group = entra.create_group("Many", *five_hundred[:400])
    leaving = _members(*five_hundred[:3]) | {"op": "remove"}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with recorded() as statements:
        entra.patch(f"{GROUPS}/{group}", _members(*five_hundred[-3:]), leaving)

    moving = [each for each in statements if "RETURNING user_id" in each[0]]
    assert len(moving) == 2
    for statement in moving:
        explained = plan(statement, mode)
        assert "Seq Scan" not in explained, explained
        assert re.search(r"Index Cond: .*user_id = ANY", explained), explained
