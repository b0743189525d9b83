"""What a client says by mistake must not take everybody away, or show everybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from tests.scim.conftest import GROUPS, USERS, Document, Provisioning
from tests.scim.search.test_listing import SEARCH

EMAILS = [{"type": "work", "value": "w@x.jp"}, {"type": "home", "value": "h@x.jp"}]


@pytest.fixture
def group(entra: Provisioning) -> str:
    people = [entra.create(f"{name}@example.jp") for name in ("a", "b", "c")]
    return entra.create_group("営業部", *people)


def operations(group_member: str) -> list[Document]:
    removals: list[Any] = [
        [None],
        [{}],
        [{"value": ""}],
        [""],
        [{"$ref": None, "value": None}],
        [{"display": "x"}],
        {"value": None},
        5,
    ]
    return [
        {"op": "add", "path": "members", "value": None},
        {"op": "add", "path": "members", "value": 5},
        {"op": "add", "path": "members", "value": [5]},
        {"op": "add", "path": "members", "value": [{}]},
        {"op": "replace", "path": "members", "value": 5},
        {"op": "replace", "path": "members", "value": ""},
        {"op": "replace", "path": "members", "value": [{}]},
        {"op": "replace", "value": {"members": 5}},
        {"op": "replace", "path": "members.value", "value": group_member},
        {"op": "remove", "path": "members.value", "value": group_member},
        *({"op": "remove", "path": "members", "value": each} for each in removals),
    ]


def test_no_slip_empties_a_group(entra: Provisioning, group: str) -> None:
    before = entra.members(group)
    for operation in operations(sorted(before)[0]):
        answer = entra.patch(f"{GROUPS}/{group}", operation)
        assert answer.status == 400, operation
        assert entra.members(group) == before, operation


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("emails", [None]),
        ("emails", [{}]),
        ("emails", [{"value": ""}]),
        ("emails.value", "nobody@x.jp"),
    ],
)
def test_no_slip_takes_all_addresses_away(
    entra: Provisioning, path: str, value: object
) -> None:
    user = entra.create(emails=EMAILS)
    operation = {"op": "remove", "path": path, "value": value}

    assert entra.patch(f"{USERS}/{user}", operation).status == 400
    assert entra.get(f"{USERS}/{user}").body["emails"] == EMAILS


@pytest.mark.parametrize(
    "query",
    [
        "filter=",
        "filter=%20",
        'filter=userName+eq+"nobody"&filter=userName+pr',
        'filter=userName+pr&filter=userName+eq+"nobody@example.jp"',
    ],
)
def test_a_filter_that_says_nothing_shows_nobody(scim: Client, query: str) -> None:
    answer = scim.get(f"{USERS}?{query}")

    assert answer.status_code == 400
    assert answer.json()["scimType"] == "invalidFilter"


def test_the_event_names_who_joined_and_who_left(
    entra: Provisioning, group: str
) -> None:
    leaver = sorted(entra.members(group))[0]
    gone = [{"value": leaver}]
    entra.patch(f"{GROUPS}/{group}", {"op": "remove", "path": "members", "value": gone})

    event = AuditEvent.objects.get(action="group.changed")
    assert event.context["left"] == [leaver]


@pytest.mark.parametrize("name", ["Filter", "FILTER", "filteR"])
def test_a_filter_is_seen_in_any_letter_case(entra: Provisioning, name: str) -> None:
    """Rows A14, E11: one that was overlooked would show everybody."""
    nobody = {name: 'userName eq "nobody@example.jp"'}
    search = {"schemas": [SEARCH], **nobody}

    for path in (USERS, GROUPS, "/scim/v2"):
        answer = entra.get(path, **(nobody if path != GROUPS else {name: "id eq x"}))
        assert answer.body["totalResults"] == 0, path
    assert entra.post(f"{USERS}/.search", search).body["totalResults"] == 0
    assert entra.get(USERS, filter="userName pr", **nobody).status == 400
    twice = {"filter": "userName pr", "FILTER": "userName pr"}
    assert entra.post(f"{USERS}/.search", search | twice).status == 400


@pytest.mark.parametrize(
    "query", ["aadOptscim062020?filter=", "aadOptscim062020?Filter="]
)
def test_a_filter_is_seen_behind_a_second_question_mark(
    scim: Client, entra: Provisioning, query: str
) -> None:
    """Rows A4, E11: what is appended to a Tenant URL that has a flag."""
    entra.create("a@example.jp")
    entra.create("b@example.jp")

    answer = scim.get(f"{USERS}?{query}userName+eq+%22a%40example.jp%22")

    assert answer.json()["totalResults"] == 1


def test_an_operation_that_says_something_twice_is_refused(entra: Provisioning) -> None:
    user = entra.create("a@example.jp", title="T")
    twice = {"op": "replace", "OP": "remove", "path": "title", "value": "x"}

    answer = entra.patch(f"{USERS}/{user}", twice)

    assert answer.refusal == (400, "invalidSyntax", "CW-REQ-2")
    assert entra.get(f"{USERS}/{user}").body["title"] == "T"


def test_too_many_parameters_are_refused_as_scim(scim: Client) -> None:
    """Rows A7, I7."""
    answer = scim.get(f"{USERS}?{'a=1&' * 2000}")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/scim+json"
    assert answer.json()["scimType"] == "invalidSyntax"


def test_other_parameters_are_seen_in_any_letter_case(entra: Provisioning) -> None:
    user = entra.create()
    shown = entra.get(f"{USERS}/{user}", Attributes="userName").body
    page = entra.get(USERS, Count=1, STARTINDEX=2).body

    assert shown.keys() == {"schemas", "id", "userName"}
    assert (page["itemsPerPage"], page["startIndex"]) == (1, 2)
