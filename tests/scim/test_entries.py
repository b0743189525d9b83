"""Entries of `groups` and `members` are composed by PostgreSQL, as Python would."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.organizations.models import Group, Organization, User
from scim.documents import projection
from scim.representation import GROUPS as GROUPS_SHOWN
from tests.examples import DEAR
from tests.scim.conftest import GROUPS, USERS, Document, Provisioning, address
from tests.scim.crowds import as_owner
from tests.scim.statements import Statement, plan, recorded

NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40
)
PATHS = st.sampled_from(
    [
        *(
            "members",
            "members.value",
            "MEMBERS.Display",
            "members.$ref",
            "members.type",
        ),
        *("groups", "groups.value", "Groups.display", "groups.$ref", "groups.type"),
        *("displayName", "userName", "meta", "meta.version", "members.value.nothing"),
    ]
)


@pytest.fixture
def crew(entra: Provisioning) -> list[str]:
    people = [entra.create(f"user{number}@example.jp") for number in range(3)]
    return [*people, entra.create_group("A", *people), entra.create_group("B", *people)]


def entry(collection: str, type_: str, resource: str, name: str) -> Document:
    """An entry as Python would say it."""
    shown = {"$ref": address(f"{collection}/{resource}"), "type": type_}
    return {"value": resource, **({"display": name} if name else {}), **shown}


def without_empty(answer: Document) -> Document:
    """Of entries of which nothing is shown, nothing is said."""
    hollow = [
        name for name in ("groups", "members") if not any(answer.get(name, [None]))
    ]
    return {name: value for name, value in answer.items() if name not in hollow}


@DEAR
@given(
    names=st.tuples(NAMES, NAMES.filter(bool)),
    included=st.lists(PATHS, max_size=3),
    excluded=st.lists(PATHS, max_size=3),
)
def test_any_part_of_any_entry_is_shown_as_python_would(
    entra: Provisioning,
    crew: list[str],
    names: tuple[str, str],
    included: list[str],
    excluded: list[str],
) -> None:
    """RFC 7644 §3.9; RFC 7643 §2.5; row E8."""
    *people, first, second = crew
    User.objects.filter(pk=people[0]).update(display_name=names[0])
    Group.objects.filter(pk=first).update(display_name=names[1])
    user_names = [names[0], "user1", "user2"]
    members = [
        entry(USERS, "User", *each) for each in zip(people, user_names, strict=True)
    ]
    groups = [
        entry(GROUPS, "direct", first, names[1]),
        entry(GROUPS, "direct", second, "B"),
    ]
    wanted = projection.parse(included or None, excluded)
    said = {"attributes": included, "excludedAttributes": excluded}
    asked = {name: ",".join(paths) for name, paths in said.items() if paths}

    for path, resource, others in (
        (GROUPS, first, {"members": members}),
        (USERS, people[0], {"groups": groups}),
    ):
        whole = entra.get(f"{path}/{resource}")
        one = entra.get(f"{path}/{resource}", **asked)
        listed = {each["id"]: each for each in entra.get(path, **asked).resources}
        expected = without_empty(wanted.of(whole.body | others))

        assert one.body == listed[resource] == expected
        assert one.headers["ETag"] == whole.headers["ETag"]


def statements_of(entra: Provisioning, path: str, **said: str | int) -> list[Statement]:
    with recorded() as statements:
        assert entra.get(path, **said).status == 200
    return [each for each in statements if "organizations_membership" in each[0]]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (GROUPS, {"excludedAttributes": "members"}),  # H3
        (GROUPS, {"attributes": "displayName"}),
        (GROUPS, {"attributes": "members.nothing"}),
        (USERS, {"attributes": "userName"}),
        (USERS, {"attributes": "id"}),  # E8
        (USERS, {"attributes": "meta.lastModified"}),
        (USERS, {"excludedAttributes": "groups,meta"}),
    ],
)
def test_a_page_that_shows_no_memberships_reads_none(
    entra: Provisioning, crew: list[str], path: str, said: dict[str, str]
) -> None:
    assert statements_of(entra, path, **said) == []


@pytest.mark.parametrize(
    ("path", "said", "others"),
    [
        (GROUPS, {"attributes": "members.value"}, "organizations_user"),
        (GROUPS, {"excludedAttributes": "members.display"}, "organizations_user"),
        (USERS, {"attributes": "groups.value"}, "organizations_group"),
    ],
)
def test_whose_names_are_not_shown_is_not_looked_up(
    entra: Provisioning, crew: list[str], path: str, said: dict[str, str], others: str
) -> None:
    for text, _ in statements_of(entra, path, **said):
        assert f'JOIN "{others}"' not in text


@pytest.mark.parametrize("mode", ["custom", "generic"])
@pytest.mark.parametrize(
    "said", [{}, {"attributes": "members.value"}, {"excludedAttributes": "meta"}]
)
def test_a_page_of_groups_is_read_by_indexes(
    entra: Provisioning, crew: list[str], said: dict[str, str], mode: str
) -> None:
    """Of so few rows, PostgreSQL may take the index of users for as good: it is away."""
    with as_owner() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX membership_of_user")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    counting, reading = statements_of(entra, GROUPS, **said)

    assert "Seq Scan" not in plan(counting, mode)
    explained = plan(reading, mode)
    assert "Seq Scan" not in explained, explained
    found = r"one_membership.*\n.*Index Cond: .*group_id = "
    assert re.search(found, explained), explained


def test_members_are_in_the_order_of_their_ids(
    entra: Provisioning, crew: list[str], enabled_acme: Organization
) -> None:
    rows: list[Any] = GROUPS_SHOWN.rows(
        enabled_acme.groups.all(), projection.Projection()
    )
    shown = entra.get(f"{GROUPS}/{rows[0].id}").body["members"]

    assert [each["value"] for each in shown] == sorted(crew[:3])
