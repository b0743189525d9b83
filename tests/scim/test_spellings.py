"""Names in another letter case mean the same (RFC 7643 §2.1): in one object, one has its say."""

from __future__ import annotations

import pytest

from tests.scim.bulk_requests import BULK
from tests.scim.conftest import CORE, ENTERPRISE, USERS, Document, Provisioning


def test_two_spellings_of_a_name_are_one_too_many(entra: Provisioning) -> None:
    """RFC 7643 §2.1."""
    user = f"{USERS}/{entra.create('a@example.jp')}"
    one, other = {"op": "add", "value": {"title": "T"}}, {"op": "add", "value": {}}
    deletion = {"method": "DELETE", "path": user.removeprefix("/scim/v2")}

    answers = [
        entra.post(USERS, {"userName": "b@example.jp", "USERNAME": "c@example.jp"}),
        entra.post(f"{USERS}/.search", {"filter": "id pr", "Filter": "title pr"}),
        entra.send("PATCH", user, {"Operations": [one], "operations": [other]}),
        entra.send("PATCH", user, {"Operations": [{**one, "OP": "add"}]}),
        entra.post(BULK, {"Operations": [deletion], "operations": [deletion]}),
        entra.post(BULK, {"Operations": [{**deletion, "Path": "/Users/1"}]}),
    ]

    assert {each.refusal for each in answers} == {(400, "invalidSyntax", "CW-REQ-2")}
    assert all(
        "is there twice; send it once." in each.body["detail"] for each in answers
    )
    assert "title" not in entra.get(user).body


@pytest.mark.parametrize(
    "value",
    [
        {"active": True, "Active": False},
        {"name.givenName": "A", "NAME.givenname": "B"},
        {"department": "A", f"{ENTERPRISE}:department": "B"},
        {"title": "A", CORE: {"TITLE": "B"}},
        {"emails": [{"value": "a@x.jp"}], "EMAILS": None},
        {"name": {"familyName": "A", "GIVENNAME": "B"}, "name.givenName": "C"},
        {"name.givenName": "C", "name": {"givenName": "B"}},
        {"name.givenName": "C", "name": None},
        {"manager.value": "1", ENTERPRISE: {"manager": {"value": "2"}}},
        {ENTERPRISE: None, "department": "A"},
    ],
)
def test_two_spellings_in_a_value_without_a_path_are_one_too_many(
    entra: Provisioning, value: Document
) -> None:
    user = f"{USERS}/{entra.create('a@example.jp')}"
    before = entra.get(user).body

    answer = entra.patch(user, {"op": "replace", "value": value})

    assert answer.refusal == (400, "invalidSyntax", "CW-REQ-2")
    assert "is there twice; send it once." in answer.body["detail"]
    assert entra.get(user).body == before


def test_what_a_value_without_a_path_says_twice_alike_it_says(
    entra: Provisioning,
) -> None:
    """As in a resource (L8)."""
    user = f"{USERS}/{entra.create('a@example.jp')}"

    entra.patch(user, {"op": "add", "value": {"title": "T", "Title": "T"}})

    assert entra.get(user).body["title"] == "T"


@pytest.mark.parametrize("name", ["add", "replace"])
def test_of_what_it_says_in_parts_no_order_loses_one(
    entra: Provisioning, name: str
) -> None:
    """Rows F6 and F7."""
    said: list[tuple[str, object]] = [
        ("name", {"familyName": "A"}),
        ("name.givenName", "B"),
        ("emails", [{"type": "work", "value": "w@x.jp"}]),
        ('emails[type eq "work"].display', "W"),
    ]
    for number, order in enumerate([said, said[::-1]]):
        user = f"{USERS}/{entra.create(f'{number}@example.jp')}"

        assert entra.patch(user, {"op": name, "value": dict(order)}).status == 200
        shown = entra.get(user).body
        assert shown["name"] == {"familyName": "A", "givenName": "B"}
        assert shown["emails"] == [{"type": "work", "value": "w@x.jp", "display": "W"}]
