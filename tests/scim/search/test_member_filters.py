"""Members that an operation names by what they are (RFC 7644 §3.5.2; row H6)."""

from __future__ import annotations

import pytest

from scim.documents.member_changes import MAX_SEARCHES
from tests.scim.conftest import GROUPS, USERS, Document, Provisioning, address

A, B, C = range(3)


@pytest.fixture
def people(entra: Provisioning) -> list[str]:
    """Alba and Bruno, who are members of the group, and Carla, who is not."""
    return [
        entra.create(f"{name}@example.jp", displayName=name.title())
        for name in ("alba", "bruno", "carla")
    ]


@pytest.fixture
def group(entra: Provisioning, people: list[str]) -> str:
    return f"{GROUPS}/{entra.create_group('営業部', *people[:C])}"


def members(entra: Provisioning, group: str) -> set[str]:
    listed = entra.get(group).body.get("members", [])
    return {member["display"] for member in listed}


def add(member: str) -> Document:
    return {"op": "add", "path": "members", "value": [{"value": member}]}


REMOVALS = [
    ('members[display eq "ALBA"]', {"Bruno"}),  # its letter case does not count
    ('members[display sw "Al" or display ew "no"]', set()),
    ('members[not (display eq "Alba")]', {"Alba"}),
    ('members[type eq "User"]', set()),
    ('members[type eq "Group"]', {"Alba", "Bruno"}),
    ('members[type eq "User" and value eq "{0}"]', {"Bruno"}),
    ('members[value ne "{0}"]', {"Alba"}),
    ("members[display pr]", set()),
    ('members[$ref eq "{ref}"]', {"Bruno"}),
    ('members[display eq "Carla"]', {"Alba", "Bruno"}),
    (
        'urn:ietf:params:scim:schemas:core:2.0:Group:members[display eq "Alba"]',
        {"Bruno"},
    ),
]


@pytest.mark.parametrize(("path", "left"), REMOVALS)
def test_a_filter_says_which_members_leave(
    entra: Provisioning, people: list[str], group: str, path: str, left: set[str]
) -> None:
    reference = address(f"{USERS}/{people[A]}")
    named = path.replace("{0}", people[A]).replace("{ref}", reference)

    answer = entra.patch(group, {"op": "remove", "path": named})

    assert answer.status == 204, answer.content
    assert members(entra, group) == left


def test_a_filter_sees_what_operations_before_it_did(
    entra: Provisioning, people: list[str], group: str
) -> None:
    by_name = {"op": "remove", "path": 'members[display eq "Carla"]'}
    nobody = {"op": "remove", "path": "members"}

    entra.patch(group, add(people[C]), by_name)
    assert members(entra, group) == {"Alba", "Bruno"}
    entra.patch(group, by_name, add(people[C]))
    assert members(entra, group) == {"Alba", "Bruno", "Carla"}
    entra.patch(group, nobody, add(people[C]), by_name, add(people[B]))
    assert members(entra, group) == {"Bruno"}


def test_a_member_is_replaced_by_another(
    entra: Provisioning, people: list[str], group: str
) -> None:
    """RFC 7644 §3.5.2.3."""
    path, carla = 'members[value eq "{}"]', {"value": people[C]}
    replacing = {"op": "replace", "path": path.format(people[A]), "value": carla}

    first = entra.patch(group, replacing)
    again = entra.patch(group, replacing)

    assert first.status == 204
    assert again.refusal == (400, "noTarget", "CW-REQ-2")
    assert members(entra, group) == {"Bruno", "Carla"}
    removed = {"op": "remove", "path": path.format(people[B])}
    gone = {"op": "replace", "path": path.format(people[B]), "value": carla}
    assert entra.patch(group, removed, gone).refusal == again.refusal
    assert members(entra, group) == {"Bruno", "Carla"}


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "add", "path": 'members[type eq "User"]'}, 'by the path "members"'),
        ({"op": "replace", "path": "members.value"}, "members.value is immutable"),
        ({"op": "replace", "path": "members[type pr].value"}, "members.value is imm"),
        ({"op": "replace", "path": "members[type pr].display"}, "is read-only"),
    ],
)
def test_what_a_member_is_does_not_change(
    entra: Provisioning, people: list[str], group: str, operation: Document, said: str
) -> None:
    """RFC 7643 §4.2: its sub-attributes are immutable."""
    whole = {"value": people[C]} if operation["op"] == "add" else people[C]

    answer = entra.patch(group, {**operation, "value": whole})

    assert answer.refusal == (400, "mutability", "CW-REQ-2")
    assert said in answer.body["detail"]
    assert members(entra, group) == {"Alba", "Bruno"}


def test_strangers_are_never_meant(
    entra: Provisioning, neighbour: Provisioning, people: list[str], group: str
) -> None:
    theirs = neighbour.create("x@globex.example", displayName="Alba")
    other = f"{GROUPS}/{neighbour.create_group('X', theirs)}"

    entra.patch(group, add(theirs), {"op": "remove", "path": "members[display pr]"})

    assert members(entra, group) == set()
    assert members(neighbour, other) == {"Alba"}


def test_searches_are_limited(entra: Provisioning, group: str) -> None:
    removal = {"op": "remove", "path": 'members[display eq "x"]'}
    terms = " or ".join(['display eq "x"'] * 51)

    too_many = entra.patch(group, *[removal] * (MAX_SEARCHES + 1))
    too_long = entra.patch(group, removal | {"path": f"members[{terms}]"})

    assert entra.patch(group, *[removal] * MAX_SEARCHES).status == 204
    assert too_many.refusal == (413, None, "CW-REQ-3")
    assert too_long.refusal == too_many.refusal


def test_any_number_of_members_is_named_by_value(
    entra: Provisioning, people: list[str], group: str
) -> None:
    terms = " or ".join(f'value eq "{each}"' for each in people * 100)

    answer = entra.patch(group, {"op": "remove", "path": f"members[{terms}]"})

    assert (answer.status, members(entra, group)) == (204, set())
