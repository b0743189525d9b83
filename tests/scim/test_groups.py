"""Groups and their members (rows H1-H17): deltas, never everybody by mistake."""

from __future__ import annotations

import logging
import uuid

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
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


@pytest.fixture
def people(entra: Provisioning) -> list[str]:
    return [entra.create(f"{name}@example.jp") for name in ("a", "b", "c")]


@pytest.fixture
def group(entra: Provisioning, people: list[str]) -> str:
    """A group of the first two."""
    return entra.create_group("営業部", *people[:2])


def listed(*members: str) -> list[Document]:
    return [{"$ref": None, "value": member} for member in members]


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


A, B, C = 0, 1, 2
DELTAS: dict[str, tuple[list[Document], set[int]]] = {
    "H4 add": ([{"op": "Add", "path": "members", "value": [C]}], {A, B, C}),
    "H5 remove by list": ([{"op": "Remove", "path": "members", "value": [A]}], {B}),
    "H6 remove by filter": ([{"op": "remove", "path": 'members[value eq "{0}"]'}], {B}),
    "H6 joined by or": (
        [{"op": "remove", "path": 'members[value eq "{0}" or value eq "{1}"]'}],
        set(),
    ),
    "H7 remove all": ([{"op": "remove", "path": "members"}], set()),
    "H7 an empty list is none": (
        [{"op": "remove", "path": "members", "value": []}],
        set(),
    ),
    "H8 replace": ([{"op": "replace", "path": "members", "value": [C]}], {C}),
    "H8 replace without path": ([{"op": "replace", "value": {"members": [C]}}], {C}),
    "H8 add without path": ([{"op": "add", "value": {"members": [C]}}], {A, B, C}),
    "H8 nobody": ([{"op": "replace", "path": "members", "value": []}], set()),
    "H10 twice": ([{"op": "Add", "path": "members", "value": [A, A]}], {A, B}),
    "H10 absent": ([{"op": "Remove", "path": "members", "value": [C]}], {A, B}),
    "in order: in and out": (
        [
            {"op": "Add", "path": "members", "value": [C]},
            {"op": "Remove", "path": "members", "value": [C]},
        ],
        {A, B},
    ),
    "in order: out and in": (
        [
            {"op": "Remove", "path": "members", "value": [A]},
            {"op": "Add", "path": "members", "value": [A]},
        ],
        {A, B},
    ),
    "in order: all out, one in": (
        [
            {"op": "remove", "path": "members"},
            {"op": "add", "path": "MEMBERS", "value": [C]},
        ],
        {C},
    ),
    "in order: replaced, then fewer": (
        [
            {"op": "replace", "path": "members", "value": [B, C]},
            {"op": "remove", "path": 'Members[Value eq "{1}"]'},
        ],
        {C},
    ),
    "with the URN": (
        [{"op": "add", "path": f"{GROUP}:members", "value": [C]}],
        {A, B, C},
    ),
}


def _naming(sent: Document, people: list[str]) -> Document:
    def members(said: object) -> object:
        if isinstance(said, list):
            return listed(*(people[each] for each in said))
        return said

    named = dict(sent)
    if "path" in sent:
        named["path"] = (
            sent["path"].format(*people) if "{" in sent["path"] else sent["path"]
        )
    if isinstance(sent.get("value"), dict):
        named["value"] = {"members": members(sent["value"]["members"])}
    elif "value" in sent:
        named["value"] = members(sent["value"])
    return named


@pytest.mark.parametrize("row", DELTAS)
def test_operations_on_members_are_deltas(
    entra: Provisioning, group: str, people: list[str], row: str
) -> None:
    sent, expected = DELTAS[row]

    answer = entra.patch(f"{GROUPS}/{group}", *[_naming(op, people) for op in sent])

    assert (answer.status, answer.content) == (204, b"")  # H11
    assert entra.members(group) == {people[each] for each in expected}


def test_bare_ids_and_strangers_are_tolerated(
    entra: Provisioning, group: str, people: list[str], neighbour: Provisioning
) -> None:
    """Row H9; and nobody joins from another organization."""
    stranger = neighbour.create("stranger@globex.test")

    answer = entra.patch(
        f"{GROUPS}/{group}",
        {
            "op": "add",
            "path": "members",
            "value": [people[C], "string id 1", str(uuid.uuid4()), stranger],
        },
    )

    assert answer.status == 204
    assert entra.members(group) == set(people)


def test_strangers_are_said_in_the_log(
    entra: Provisioning,
    group: str,
    people: list[str],
    neighbour: Provisioning,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Row H9: by their ids, and texts that are none only by the attribute's name."""
    theirs = neighbour.create("stranger@globex.test")
    members = listed(*people, theirs, "not an id")

    with caplog.at_level(logging.INFO):
        entra.patch(
            f"{GROUPS}/{group}", {"op": "add", "path": "members", "value": members}
        )
        entra.patch(
            f"{GROUPS}/{group}",
            {"op": "add", "path": "members", "value": listed(*people)},
        )
        entra.post(GROUPS, {"displayName": "New", "members": listed(theirs, "x")})

    lines = [vars(line) for line in caplog.records]
    left_out = [e for e in lines if e["msg"] == "unknown members left out"]
    assert [each["members"] for each in left_out] == [[theirs], [theirs]]
    assert left_out[0]["group"] == group
    event = AuditEvent.objects.get(action=Action.ATTRIBUTES_IGNORED)  # once a day
    assert event.context["ignored"] == ["members.value"]
    assert "not an id" not in str(lines)


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


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({"op": "remove", "path": 'members[bogus eq "x"]'}, "invalidFilter"),
        ({"op": "remove", "path": "members.value"}, "mutability"),
        ({"op": "add", "path": 'members[value eq "x"]', "value": {}}, "mutability"),
        ({"op": "remove", "path": "displayName"}, "mutability"),
        ({"op": "replace", "path": "displayName", "value": ""}, "invalidValue"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "remove", "path": "members", "value": [3]}, "invalidValue"),
    ],
)
def test_a_bad_operation_changes_nobody(
    entra: Provisioning,
    group: str,
    people: list[str],
    operation: Document,
    scim_type: str,
) -> None:
    adding = {"op": "add", "path": "members", "value": listed(people[C])}

    answer = entra.patch(f"{GROUPS}/{group}", adding, operation)

    assert (answer.status, answer.body["scimType"]) == (400, scim_type)
    assert entra.members(group) == set(people[:2])


def test_no_change_is_recorded_once(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    adding = {"op": "add", "path": "members", "value": listed(people[A])}
    before = entra.get(f"{GROUPS}/{group}").body

    entra.patch(f"{GROUPS}/{group}", adding)

    assert entra.get(f"{GROUPS}/{group}").body == before
    assert not AuditEvent.objects.filter(action=Action.GROUP_CHANGED).exists()


def test_put_replaces_the_members_it_names(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    body = {"displayName": "Sales", "members": listed(people[C])}

    answer = entra.put(f"{GROUPS}/{group}", body)

    assert answer.status == 200
    assert answer.body["displayName"] == "Sales"
    assert entra.members(group) == {people[C]}


def test_put_without_members_leaves_them(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    """§3.5.1 says MAY; a group wiped by silence is a known accident (row H3)."""
    entra.put(f"{GROUPS}/{group}", {"displayName": "Sales"})

    assert entra.members(group) == set(people[:2])


def test_a_deleted_group_leaves_its_members(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    """Row H16."""
    answer = entra.delete(f"{GROUPS}/{group}")

    assert (answer.status, answer.content) == (204, b"")
    assert entra.get(f"{GROUPS}/{group}").refusal == (404, None, "CW-GROUP-2")
    assert entra.delete(f"{GROUPS}/{group}").status == 404
    assert entra.get(f"{USERS}/{people[A]}").status == 200
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
        "member": people[A],
        "outsider": people[C],
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
