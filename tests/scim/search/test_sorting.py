"""Sorting (RFC 7644 §3.4.2.3): whatever can be filtered by, in the library's order."""

from __future__ import annotations

from typing import Any

import pytest
from scim2_models import SearchRequest

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.attributes import user_attributes
from scim.documents import resources
from scim.documents.schemas import USER_TYPE
from scim.search import conditions, searches
from tests.scim.conftest import CORE, ENTERPRISE, GROUPS, USERS, Document, Provisioning
from tests.scim.search.test_listing import SEARCH

PEOPLE: list[Document] = [
    {"userName": "b@x", "active": True, "title": "Zeta", "nickName": "é"},
    {"userName": "A@x", "active": False, "title": "alpha", "nickName": "E"},
    {"userName": "c@x", "active": True, "displayName": "山田", "nickName": "z"},
    {
        "userName": "d@x",
        "active": True,
        "externalId": "B",
        "name": {"familyName": "Ba"},
        "emails": [
            {"type": "home", "value": "z@x"},
            {"type": "work", "value": "B@x", "primary": True},
        ],
        ENTERPRISE: {"department": "Sales", "manager": {"value": "m"}},
    },
    {
        "userName": "e@x",
        "active": False,
        "externalId": "a",
        "name": {"familyName": "ab"},
        "emails": [{"type": "home", "value": "a@x"}, {"value": "zz@x"}],
        ENTERPRISE: {"department": "sales", "employeeNumber": "10"},
    },
    {
        "userName": "f@x",
        "active": True,
        "emails": [{"type": "other"}, {"value": "0@x", "primary": False}],
        ENTERPRISE: {"employeeNumber": "9", "manager": {"value": "M"}},
    },
]
PATHS = [
    "userName",
    "username",
    f"{CORE}:userName",
    "displayName",
    "title",
    "nickName",
    "active",
    "externalId",
    "name.familyName",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "addresses.country",
    f"{ENTERPRISE}:department",
    f"{ENTERPRISE}:employeeNumber",
    f"{ENTERPRISE}:manager.value",
]


@pytest.fixture
def people(acme: Organization) -> Organization:
    for document in PEOPLE:
        columns = user_attributes(document).columns()
        User.objects.create(organization=acme, document=document, **columns)
    return acme


@pytest.mark.parametrize("sort_order", ["ascending", "descending"])
@pytest.mark.parametrize("sort_by", PATHS)
def test_the_database_and_the_library_sort_alike(
    people: Organization, sort_by: str, sort_order: str
) -> None:
    users = searches.users_of(people)
    bound: Any = SearchRequest.__class_getitem__(USER_TYPE.model)
    asked = bound(sort_by=sort_by, sort_order=sort_order)

    found = searches.search_for(users, "", sort_by, sort_order).rows()
    names = [each.user_name for each in found if each.role == User.Role.MEMBER]

    # What is equal is in the order of ids, so backwards if descending.
    is_backwards = sort_order == "descending"
    loaded = [resources.load(USER_TYPE, document) for document in PEOPLE]
    loaded = loaded[::-1] if is_backwards else loaded
    assert names == [each.user_name for each in asked.sort(loaded)]


def test_whatever_can_be_filtered_by_can_be_sorted_by(people: Organization) -> None:
    users = searches.users_of(people)

    for path in conditions.USER_CONDITIONS:
        if path not in {"addresses", "name", "meta"}:
            assert len(searches.search_for(users, "", path).rows()) == 7
    for path in conditions.GROUP_CONDITIONS.keys() - {"meta"}:
        groups = searches.groups_of(people)
        assert len(searches.search_for(groups, "", path).rows()) == 0


def test_pages_and_searches_are_sorted(entra: Provisioning) -> None:
    """Rows E19 and K5; RFC 7644 §3.4.2.3."""
    for name in ("b@x", "A@x", "c@x"):
        entra.create(name)
    asked: Document = {"filter": 'userName ew "@x"', "sortBy": "userName"}

    first = entra.get(USERS, count=2, **asked)
    second = entra.get(USERS, count=2, startIndex=3, **asked)
    searched = entra.post(
        f"{USERS}/.search", {"schemas": [SEARCH], **asked, "sortOrder": "descending"}
    )

    listed = [each["userName"] for each in first.resources + second.resources]
    assert listed == ["A@x", "b@x", "c@x"]
    assert [each["userName"] for each in searched.resources] == listed[::-1]


def test_groups_are_sorted(entra: Provisioning) -> None:
    names = ["b", "A", "c"]
    for name in names:
        entra.create_group(name)

    found = entra.get(GROUPS, sortBy="displayName").resources

    assert [each["displayName"] for each in found] == ["A", "b", "c"]


@pytest.mark.parametrize(
    "asked",
    [
        {"sortBy": "bogus"},
        {"sortBy": "password"},
        {"sortBy": "name.bogus"},
        {"sortBy": "addresses"},
        {"sortBy": "name"},
        {"sortBy": 'emails[type eq "work"].value'},
        {"sortBy": "userName", "sortOrder": "up"},
    ],
)
def test_an_order_that_cannot_be_had_is_an_error(
    entra: Provisioning, asked: Document
) -> None:
    answer = entra.get(USERS, **asked)

    assert answer.refusal[:2] == (400, "invalidValue")
    assert "sort" in answer.body["detail"]
