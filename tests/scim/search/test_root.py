"""Queries of the root (RFC 7644 §3.4.2.1): users and groups in one list."""

from __future__ import annotations

import pytest
from hypothesis import given

from chatwork_admin.organizations.models import Organization
from tests.examples import DEAR
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUP,
    GROUPS,
    LIST,
    USERS,
    Answer,
    Document,
    Provisioning,
)
from tests.scim.search.filter_expressions import combined, comparisons, populate
from tests.scim.search.test_listing import SEARCH

ROOT = "/scim/v2"


@pytest.fixture
def known(entra: Provisioning) -> dict[str, str]:
    """Two users, besides Alice, who shows no name, and two groups, by name."""
    b = entra.create("b@example.jp", displayName="B", title="T", externalId="x")
    d = entra.create("d@example.jp", displayName="D")
    a = entra.create_group("A", b)
    c = entra.create_group("C")
    alice = entra.get(USERS, filter='userName sw "alice"').resources[0]["id"]
    entra.patch(f"{USERS}/{alice}", {"op": "remove", "path": "displayName"})
    return {alice: "alice", b: "B", d: "D", a: "A", c: "C"}


def names(known: dict[str, str], answer: Answer) -> list[str]:
    assert answer.status == 200, answer.content
    return [known[each["id"]] for each in answer.resources]


def test_users_come_first_and_then_groups(
    entra: Provisioning, known: dict[str, str]
) -> None:
    """Row A3; RFC 7644 §3.4.2, §3.4.2.1."""
    for path in (ROOT, f"{ROOT}/"):
        answer = entra.get(path)

        assert names(known, answer) == ["alice", "B", "D", "A", "C"]
        assert {n: each for n, each in answer.body.items() if n != "Resources"} == {
            "schemas": [LIST],
            "totalResults": 5,
            "startIndex": 1,
            "itemsPerPage": 5,
        }
    for each in answer.resources:
        at = USERS if CORE in each["schemas"] else GROUPS
        assert each == entra.get(f"{at}/{each['id']}").body


@pytest.mark.parametrize("more", [{}, {"sortBy": "id"}, {"filter": "id pr"}])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_pages_go_on_from_users_to_groups(
    entra: Provisioning, known: dict[str, str], size: int, more: Document
) -> None:
    """RFC 7644 §3.4.2.4."""
    starts = range(1, 8, size)
    answers = [entra.get(ROOT, startIndex=n, count=size, **more) for n in starts]

    shown = [name for answer in answers for name in names(known, answer)]
    assert sorted(shown) == sorted(known.values())
    assert {answer.body["totalResults"] for answer in answers} == {5}
    assert [answer.body["startIndex"] for answer in answers] == list(starts)
    assert entra.get(ROOT, count=0, **more).body["totalResults"] == 5


SORTS: list[Document] = [
    {},
    {"filter": "displayName pr"},
    {"sortBy": "displayName"},
    {"sortBy": "displayName", "sortOrder": "descending"},
    {"sortBy": "userName"},
    {"sortBy": "userName", "sortOrder": "descending"},
    {"sortBy": "title"},
    {"sortBy": "meta.created", "sortOrder": "descending"},
    {"sortBy": "meta.resourceType"},
    {"sortBy": "active", "filter": "id pr"},
]


@pytest.mark.parametrize("more", SORTS)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_cursors_lead_through_both_and_back(
    entra: Provisioning, known: dict[str, str], size: int, more: Document
) -> None:
    """Row K6; RFC 9865 §2, at the root (RFC 7644 §3.4.2.1)."""

    def followed(name: str, first: Answer) -> list[Answer]:
        answers = [first]
        while name in answers[-1].body:
            answers.append(entra.get(ROOT, cursor=answers[-1].body[name], **more))
        return answers

    there = followed("nextCursor", entra.get(ROOT, cursor="", count=size, **more))
    back = followed("previousCursor", there[-1])

    shown = [name for answer in there for name in names(known, answer)]
    assert shown == names(known, entra.get(ROOT, **more))
    assert len(set(shown)) == len(shown) == there[0].body["totalResults"]
    assert [names(known, each) for each in back[::-1]] == [
        names(known, each) for each in there
    ]


FOUND = [
    ('displayName eq "b"', ["B"]),
    ('displayName ge "b"', ["B", "D", "C"]),
    ('userName eq "b@example.jp"', ["B"]),
    ('userName eq "b@example.jp" or displayName eq "c"', ["B", "C"]),
    ("userName pr", ["alice", "B", "D"]),
    ("not (userName pr)", ["A", "C"]),
    ("members pr", ["A"]),
    ("members eq null", ["alice", "B", "D", "C"]),
    ("groups pr", ["B"]),
    ('members[value pr and type eq "User"]', ["A"]),
    ('title ne "t"', ["alice", "D", "A", "C"]),
    ("title eq null", ["alice", "D", "A", "C"]),
    ('meta.resourceType eq "Group"', ["A", "C"]),
    ('meta.resourceType eq "User"', ["alice", "B", "D"]),
    (f'schemas eq "{GROUP}"', ["A", "C"]),
    (f'{GROUP}:displayName eq "a" or {CORE}:displayName eq "c"', ["A"]),
    (f"{ENTERPRISE}:department pr", []),
    ("externalId pr", ["B"]),
    ('emails[type eq "work"]', []),
    ("active eq true and not (title pr)", ["alice", "D"]),
]


@pytest.mark.parametrize(("expression", "expected"), FOUND)
def test_a_filter_is_asked_of_both(
    entra: Provisioning, known: dict[str, str], expression: str, expected: list[str]
) -> None:
    """RFC 7644 §3.4.2.1, §3.4.3: what a type lacks is unassigned there."""
    body = {"schemas": [SEARCH], "filter": expression}
    answers = [entra.get(ROOT, filter=expression), entra.post(f"{ROOT}/.search", body)]

    for answer in answers:
        assert names(known, answer) == expected
        assert answer.body["totalResults"] == len(expected)


def test_both_are_sorted_together(entra: Provisioning, known: dict[str, str]) -> None:
    """RFC 7644 §3.4.2.3."""

    def sorted_by(path: str, order: str = "ascending", **more: str | int) -> list[str]:
        return names(known, entra.get(ROOT, sortBy=path, sortOrder=order, **more))

    assert sorted_by("displayName", filter="displayName pr") == ["A", "B", "C", "D"]
    assert sorted_by("displayName", count=2, startIndex=2) == ["B", "C"]
    assert sorted_by("displayName", "descending")[-4:] == ["D", "C", "B", "A"]
    assert sorted_by("userName") == ["alice", "B", "D", "A", "C"]
    assert sorted_by("userName", "descending")[-3:] == ["D", "B", "alice"]
    assert sorted_by("members")[0] == "A"
    assert sorted_by("meta.created") == ["alice", "B", "D", "A", "C"]
    assert sorted_by("active")[-2:] == ["A", "C"]


def test_what_is_shown_can_be_chosen(
    entra: Provisioning, known: dict[str, str]
) -> None:
    """RFC 7644 §3.9."""
    some = entra.get(ROOT, attributes="displayName", filter="externalId eq x")
    rest = entra.get(ROOT, excludedAttributes="members", filter="members pr")

    assert [{*each} for each in some.resources] == [{"schemas", "id", "displayName"}]
    assert [each["displayName"] for each in rest.resources] == ["A"]
    assert "members" not in rest.resources[0]


def test_a_search_of_both_has_cursors(
    entra: Provisioning, known: dict[str, str]
) -> None:
    """RFC 9865 §3."""
    asked: Document = {"schemas": [SEARCH], "sortBy": "displayName", "count": 3}

    first = entra.post(f"{ROOT}/.search", asked | {"cursor": ""})
    cursor = first.body["nextCursor"]
    second = entra.post(f"{ROOT}/.search", asked | {"cursor": cursor})

    assert names(known, first) == ["A", "B", "C"]
    assert names(known, second) == ["D", "alice"]
    for elsewhere in (USERS, GROUPS):
        answer = entra.get(elsewhere, cursor=cursor, sortBy="displayName")
        assert answer.refusal[:2] == (400, "invalidCursor")


def test_who_comes_and_goes_moves_nobody_to_another_page_of_both(
    entra: Provisioning, known: dict[str, str]
) -> None:
    """RFC 9865 §2.2."""
    for more in ({}, {"sortBy": "displayName"}):
        answer = entra.get(ROOT, cursor="", count=1, **more)
        shown = answer.resources
        while "nextCursor" in answer.body:
            if len(shown) < 4:
                entra.create_group(f"A{len(shown)}{more}")
            if len(shown) == 2 and not more:
                entra.delete(f"{USERS}/{shown[1]['id']}")
            answer = entra.get(ROOT, cursor=answer.body["nextCursor"], **more)
            shown += answer.resources

        listed = [each["id"] for each in shown]
        assert len(set(listed)) == len(listed)
        present = {each["id"] for each in entra.get(ROOT).resources}
        assert known.keys() & present <= set(listed)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"filter": "bogus pr"}, "invalidFilter"),
        ({"filter": "members gt true"}, "invalidFilter"),
        ({"filter": "active gt true"}, "invalidFilter"),
        ({"filter": "name eq 1"}, "invalidFilter"),
        ({"sortBy": "bogus"}, "invalidValue"),
        ({"cursor": "x"}, "invalidCursor"),
        ({"startIndex": "x"}, "invalidValue"),
    ],
)
def test_what_cannot_be_asked_of_both_is_refused(
    entra: Provisioning, asked: Document, refusal: str
) -> None:
    answer = entra.get(ROOT, **asked)

    assert answer.refusal[:2] == (400, refusal)


def test_the_root_knows_its_methods(entra: Provisioning) -> None:
    for path in (ROOT, f"{ROOT}/"):
        answer = entra.post(path, {"userName": "a@example.jp"})
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    answer = entra.get(f"{ROOT}/.search")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST, OPTIONS")


def test_the_neighbour_is_not_shown(
    entra: Provisioning, neighbour: Provisioning, known: dict[str, str]
) -> None:
    for sort in ({}, {"sortBy": "displayName"}):
        shown = {each["id"] for each in neighbour.get(ROOT, **sort).resources}
        assert not shown & known.keys()


@DEAR
@given(
    expression=combined(
        comparisons(["displayName", "externalId", "id", "meta.resourceType"]), 4
    )
)
def test_the_root_shows_what_both_collections_show(
    entra: Provisioning, enabled_acme: Organization, expression: str
) -> None:
    if not enabled_acme.groups.exists():
        populate(enabled_acme)

    answers = [entra.get(path, filter=expression) for path in (ROOT, USERS, GROUPS)]

    shown, *each = (answer.resources for answer in answers)
    assert shown == each[0] + each[1]
