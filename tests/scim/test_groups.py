"""Groups (rows H1-H17): created, shown, renamed, found and deleted."""

from __future__ import annotations

import pytest

from chatwork_admin.organizations.models import Group, Membership
from tests.scim.conftest import (
    CORE,
    GROUP,
    GROUPS,
    USERS,
    Document,
    Provisioning,
    address,
)


def test_entra_creates_a_group_with_a_schema_of_its_own(entra: Provisioning) -> None:
    """Row H1; RFC 7643 §4.2, §8.4; RFC 7644 §3.3."""
    answer = entra.post(
        GROUPS,
        {
            "schemas": [
                GROUP,
                "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
            ],
            "externalId": "8aa1",
            "displayName": "営業部",
            "meta": {"resourceType": "Group"},
            "members": [],
        },
    )

    created = answer.body["meta"]["created"]
    assert answer.status == 201
    assert answer.body == {
        "schemas": [GROUP],
        "id": answer.id,
        "externalId": "8aa1",
        "displayName": "営業部",
        "meta": {
            "resourceType": "Group",
            "created": created,
            "lastModified": created,
            "version": 'W/"1"',
            "location": address(f"{GROUPS}/{answer.id}"),
        },
    }
    assert answer.headers["Location"] == answer.body["meta"]["location"]


def test_members_are_shown_with_their_address(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    answer = entra.get(f"{GROUPS}/{group}")

    assert answer.body["members"] == [
        {
            "value": person,
            "display": name,
            "$ref": address(f"{USERS}/{person}"),
            "type": "User",
        }
        for person, name in zip(people, ("a", "b"), strict=False)
    ]


def test_a_member_is_shown_by_the_name_he_has_now(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    """Row H13. What a client says of it is not kept."""
    entra.put(f"{USERS}/{people[0]}", {"userName": "a@example.jp", "displayName": "Ā"})
    said = {"value": people[1], "display": "mine", "type": "Group", "$ref": "x"}
    entra.patch(f"{GROUPS}/{group}", {"op": "add", "path": "members", "value": [said]})

    shown = entra.get(f"{GROUPS}/{group}").body["members"]

    assert [each["display"] for each in shown] == ["Ā", "b"]
    assert {each["type"] for each in shown} == {"User"}


def test_a_user_shows_the_groups_he_is_in(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    """RFC 7643 §4.1.2, row H17."""
    answer = entra.get(f"{USERS}/{people[0]}")

    assert answer.body["groups"] == [
        {
            "value": group,
            "$ref": address(f"{GROUPS}/{group}"),
            "display": "営業部",
            "type": "direct",
        }
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"schemas": [GROUP]},
        {"displayName": ""},
        {"displayName": " "},
        {"displayName": None},
        {"displayName": 3},
        {"displayName": "x" * 257},
        {"displayName": "x", "members": [3]},
    ],
)
def test_a_group_needs_a_name(entra: Provisioning, body: Document) -> None:
    answer = entra.post(GROUPS, body)

    assert answer.status == 400
    assert not Group.objects.exists()


def test_a_name_is_taken_whatever_its_letter_case(entra: Provisioning) -> None:
    """Row H2."""
    entra.create_group("Sales")

    answer = entra.post(GROUPS, {"displayName": "SALES"})

    assert answer.refusal == (409, "uniqueness", "CW-GROUP-1")


def test_okta_renames_with_the_id_in_the_value(entra: Provisioning, group: str) -> None:
    """Row L5."""
    answer = entra.patch(
        f"{GROUPS}/{group}",
        {"op": "replace", "value": {"id": group, "displayName": "Sales"}},
    )

    assert answer.status == 204
    assert entra.get(f"{GROUPS}/{group}").body["displayName"] == "Sales"


def test_attributes_ask_for_a_body(entra: Provisioning, group: str) -> None:
    """§3.5.2."""
    answer = entra.patch(
        f"{GROUPS}/{group}?attributes=displayName",
        {"op": "replace", "path": "displayName", "value": "Sales"},
    )

    assert answer.status == 200
    assert answer.body == {"schemas": [GROUP], "id": group, "displayName": "Sales"}


def test_a_deleted_group_leaves_its_members(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    """Row H16."""
    answer = entra.delete(f"{GROUPS}/{group}")

    assert (answer.status, answer.content) == (204, b"")
    assert entra.get(f"{GROUPS}/{group}").refusal == (404, None, "CW-GROUP-2")
    assert entra.delete(f"{GROUPS}/{group}").status == 404
    assert entra.get(f"{USERS}/{people[0]}").status == 200
    assert not Membership.objects.exists()


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ('displayName eq "営業部"', 1),
        ('displayname EQ "営業部"', 1),
        (f'{GROUP}:displayName eq "営業部"', 1),
        ('displayName eq "other"', 0),
        ('externalId eq "x"', 0),
        ('id eq "{group}"', 1),
        ('id eq "{group}" and members eq "{member}"', 1),
        ('id eq "{group}" and members.value eq "{member}"', 1),
        ('members[value eq "{member}"]', 1),
        ('members eq "{outsider}"', 0),
        ('members eq "not an id"', 0),
        ('not (members eq "{outsider}")', 1),
        ("members pr", 1),
        ('members co "{member}"', 1),
        ('members.value gt "0"', 1),
        ('members[value ew "z"]', 0),
        ('members.type eq "user"', 1),
        ('members.type ne "user"', 0),
        ('members[type eq "User" and value eq "{outsider}"]', 0),
        ('members.$ref eq "{users}/{member}"', 1),
        ('members.$ref eq "{users}/{outsider}"', 0),
        ('members.$ref sw "{users}/"', 1),
        ("members.display pr", 1),
        (f'schemas eq "{GROUP}"', 1),
        (f'schemas eq "{CORE}"', 0),
        ('meta.resourceType eq "Group"', 1),
        ('meta.location eq "{groups}/{group}"', 1),
        ('meta.location ew "/Groups/{group}"', 1),
        ('displayName sw "営"', 1),
    ],
)
def test_groups_are_found_by_name_id_and_member(
    entra: Provisioning, group: str, people: list[str], expression: str, times: int
) -> None:
    """Rows E8, H2 and H3."""
    known = {
        "group": group,
        "member": people[0],
        "outsider": people[2],
        "users": address(USERS),
        "groups": address(GROUPS),
    }
    for name, value in known.items():
        expression = expression.replace(f"{{{name}}}", value)

    answer = entra.get(GROUPS, filter=expression, excludedAttributes="members")

    assert answer.status == 200
    assert [each["id"] for each in answer.resources] == [group] * times
    assert all("members" not in each for each in answer.resources)


@pytest.mark.parametrize(
    "expression",
    ['members.bogus eq "x"', 'userName eq "x"', "members[bogus pr]", "members gt true"],
)
def test_what_groups_cannot_be_found_by_is_an_error(
    entra: Provisioning, expression: str
) -> None:
    answer = entra.get(GROUPS, filter=expression)

    assert answer.refusal == (400, "invalidFilter", "CW-REQ-1")
