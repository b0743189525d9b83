"""Members of groups (rows H4-H11): deltas, never everybody by mistake."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.synchronization import strangers
from tests.scim.conftest import (
    GROUP,
    GROUPS,
    Document,
    Provisioning,
    listed,
)

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
    """Row H9: by their ids, and texts that are none only by their number."""
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
    assert [each["count"] for each in left_out] == [2, 2]
    assert left_out[0]["group"] == group
    assert "not an id" not in str(lines)


UNKNOWN = [str(uuid.UUID(int=7 << 76 | 2 << 62 | number)) for number in range(12)]
MORE = [str(uuid.UUID(int=7 << 76 | 2 << 62 | number)) for number in range(12, 17)]


@pytest.fixture
def adding(people: list[str]) -> Document:
    return {"op": "add", "path": "members", "value": listed(*people, *UNKNOWN)}


def told() -> list[AuditEvent]:
    events = AuditEvent.objects.filter(action=Action.MEMBERS_UNKNOWN)
    return list(events.order_by("id"))


def test_the_administrator_reads_who_was_left_out_of_which_group(
    entra: Provisioning, as_alice: Client, group: str, adding: Document
) -> None:
    """Row H9: under the reference of the answer, in both languages."""
    answer = entra.patch(f"{GROUPS}/{group}", adding)

    (event,) = told()
    shown = entra.get(f"{GROUPS}/{group}").body["displayName"]
    assert event.target == {"kind": "group", "id": group, "label": shown}
    assert event.context["left_out"] == 12
    assert event.context["unknown"] == UNKNOWN[:10]
    reference = {"text": answer.headers["X-Request-Id"]}
    for language, words in (
        ("en", ("Unknown members left out", "Unknown IDs", "Left out")),
        ("ja", ("不明なメンバーを除外", "見つからなかった ID", "除外した人数")),
    ):
        spoken = {"Accept-Language": language}
        page = as_alice.get("/manage/audit/", reference, headers=spoken).text
        assert all(each in page for each in (*words, UNKNOWN[0], shown))
        assert UNKNOWN[10] not in page


def test_each_is_told_once_a_day_for_each_group(
    entra: Provisioning,
    group: str,
    adding: Document,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entra.patch(f"{GROUPS}/{group}", adding)
    entra.patch(f"{GROUPS}/{group}", adding)
    entra.patch(f"{GROUPS}/{group}", {**adding, "op": "replace"})
    assert [each.target["id"] for each in told()] == [group] * 2

    other = entra.create_group("Other", UNKNOWN[0])
    assert [each.target["id"] for each in told()] == [group, group, other]

    monkeypatch.setattr(strangers, "TOLD_FOR", timedelta(0))
    entra.put(
        f"{GROUPS}/{other}", {"displayName": "Other", "members": listed(UNKNOWN[1])}
    )
    assert [each.target["id"] for each in told()] == [group, group, other, other]
    assert told()[-1].context["unknown"] == [UNKNOWN[1]]


def test_others_are_told_on_the_same_day_but_not_all_day(
    entra: Provisioning, group: str, adding: Document
) -> None:
    """Those, too, for whom there was no room before."""
    for said in (UNKNOWN, UNKNOWN, UNKNOWN, [*UNKNOWN, MORE[0]], *MORE[1:], MORE[0]):
        ids = [said] if isinstance(said, str) else said
        entra.patch(f"{GROUPS}/{group}", {**adding, "value": listed(*ids)})

    named = [each.context["unknown"] for each in told()]
    assert named == [UNKNOWN[:10], UNKNOWN[10:], *([each] for each in MORE[:3])]
    assert told()[2].context["left_out"] == 13


def test_whoever_is_named_by_no_id_is_counted_for_the_group(
    entra: Provisioning, as_alice: Client, group: str, people: list[str]
) -> None:
    """Once a day; what the client wrote may say who somebody is, and is not told."""
    texts = listed(people[A], "bob@acme.test", "Carol")
    for op in ("add", "replace"):
        sent = {"op": op, "path": "members", "value": texts}
        assert entra.patch(f"{GROUPS}/{group}", sent).status == 204
    whole = {"displayName": "Sales", "members": texts}
    assert entra.put(f"{GROUPS}/{group}", whole).status == 200
    new = entra.post(GROUPS, {**whole, "displayName": "New"}).body["id"]

    assert [each.target["id"] for each in told()] == [group, new]
    for each in told():
        said = {"left_out": 2, "no_ids": 2, "address": each.context["address"]}
        assert each.context == said
    assert not AuditEvent.objects.filter(action=Action.ATTRIBUTES_IGNORED).exists()
    page = as_alice.get("/manage/audit/", headers={"Accept-Language": "ja"}).text
    assert "ID ではない値で指定されたため除外" in page


def test_whoever_is_to_leave_and_is_named_by_no_id_is_ignored(
    entra: Provisioning, group: str
) -> None:
    leaving = {"op": "remove", "path": "members", "value": listed("Carol")}

    assert entra.patch(f"{GROUPS}/{group}", leaving).status == 204
    event = AuditEvent.objects.get(action=Action.ATTRIBUTES_IGNORED)
    assert event.context["ignored"] == ["members.value"]
    assert told() == []


def test_what_is_refused_tells_of_nobody(
    entra: Provisioning, group: str, adding: Document
) -> None:
    entra.create_group("Taken")
    renaming = {"op": "replace", "path": "displayName", "value": "Taken"}

    assert entra.patch(f"{GROUPS}/{group}", adding, renaming).status == 409
    members = listed(UNKNOWN[0])
    assert (
        entra.post(GROUPS, {"displayName": "taken", "members": members}).status == 409
    )
    assert told() == []


def test_known_members_are_nothing_to_tell(
    entra: Provisioning, group: str, people: list[str]
) -> None:
    for op in ("add", "add", "replace"):
        sent = {"op": op, "path": "members", "value": listed(*people)}
        assert entra.patch(f"{GROUPS}/{group}", sent).status == 204

    assert told() == []


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
