"""Pages, projections and searches (RFC 7644 §3.4.2, §3.4.3, §3.9; rows E13-E20)."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.attributes import user_attributes
from tests.examples import DEAR
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUP,
    GROUPS,
    LIST,
    USERS,
    Document,
    Provisioning,
)

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@pytest.fixture
def eleven(entra: Provisioning) -> list[str]:
    """Ten users besides Alice, all found by `userName pr`, in the order of creation."""
    ids = [entra.create(f"user{number}@example.jp") for number in range(10)]
    return [entra.found('userName sw "alice"')[0], *ids]


def test_pages_echo_where_they_start_and_come_in_one_order(
    entra: Provisioning, eleven: list[str]
) -> None:
    """Row E14; RFC 7644 §3.4.2.4."""
    pages = [entra.get(USERS, startIndex=start, count=5).body for start in (1, 6, 11)]

    assert [
        (page["startIndex"], page["itemsPerPage"], page["totalResults"])
        for page in pages
    ] == [(1, 5, 11), (6, 5, 11), (11, 1, 11)]
    shown = [user["id"] for page in pages for user in page["Resources"]]
    assert shown[1:] == eleven[1:]


@pytest.mark.usefixtures("eleven")
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, (1, 11, 11)),
        ({"startIndex": "0"}, (1, 11, 11)),
        ({"startIndex": "-5"}, (1, 11, 11)),
        ({"startIndex": "12"}, (12, 0, 11)),
        ({"startIndex": str(2**53 - 1)}, (2**53 - 1, 0, 11)),
        ({"startIndex": "0" * 30 + "3"}, (3, 9, 11)),
        ({"count": "9" * 5000}, (1, 11, 11)),
        ({"count": "0"}, (1, 0, 11)),
        ({"count": "-1"}, (1, 0, 11)),
        ({"count": "1000000"}, (1, 11, 11)),
        ({"count": "3"}, (1, 3, 11)),
        ({"count": ""}, (1, 11, 11)),
        ({"count": "2", "startIndex": "+3"}, (3, 2, 11)),
        ({"aadOptscim062020": "", "sortBy": "title", "x": "y"}, (1, 11, 11)),
        ({"filter": 'userName sw "user"', "count": "4", "startIndex": "9"}, (9, 2, 10)),
    ],
)
def test_numbers_are_bounded_and_unknown_parameters_ignored(
    entra: Provisioning, parameters: Document, expected: tuple[int, int, int]
) -> None:
    """Rows A4 and E13; RFC 7644 §3.4.2.4."""
    body = entra.get(USERS, **parameters).body

    assert (body["startIndex"], body["itemsPerPage"], body["totalResults"]) == expected
    assert len(body["Resources"]) == expected[1]


@pytest.mark.parametrize(
    "parameters", [{"startIndex": "x"}, {"count": "1.5"}, {"startIndex": "9" * 5000}]
)
def test_what_is_no_number_is_an_error(
    entra: Provisioning, parameters: Document
) -> None:
    assert entra.get(USERS, **parameters).refusal[:2] == (400, "invalidValue")


def test_a_page_has_its_limit(entra: Provisioning) -> None:
    config = entra.get("/scim/v2/ServiceProviderConfig").body

    assert config["filter"] == {"supported": True, "maxResults": 200}


def test_a_slash_at_the_end_is_no_redirect(entra: Provisioning) -> None:
    """Row A3."""
    assert entra.get(f"{USERS}/", count=1).status == 200
    assert entra.post(f"{USERS}/", {"userName": "a@example.jp"}).status == 201


@pytest.fixture
def whole(entra: Provisioning) -> str:
    return entra.create(
        "a@example.jp",
        title="T",
        name={"givenName": "G", "familyName": "F"},
        emails=[{"type": "work", "value": "w@x"}, {"type": "home", "value": "h@x"}],
        **{ENTERPRISE: {"department": "D", "division": "V", "manager": {"value": "1"}}},
    )


EXTENSION = {"department": "D", "division": "V", "manager": {"value": "1"}}
NAMED = {"schemas": [CORE, ENTERPRISE]}
PROJECTIONS: list[tuple[str, Document]] = [
    ("userName", {"userName": "a@example.jp"}),
    ("USERNAME, title", {"userName": "a@example.jp", "title": "T"}),
    ("name.givenName", {"name": {"givenName": "G"}}),
    ("name", {"name": {"givenName": "G", "familyName": "F"}}),
    ("emails.value", {"emails": [{"value": "w@x"}, {"value": "h@x"}]}),
    (f"{CORE}:title", {"title": "T"}),
    (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "D"}}),
    (f"{ENTERPRISE.upper()}:DEPARTMENT", {ENTERPRISE: {"department": "D"}}),
    (f"{ENTERPRISE}.department", {ENTERPRISE: {"department": "D"}}),
    ("department", {ENTERPRISE: {"department": "D"}}),
    (f"{ENTERPRISE}:manager.value", {ENTERPRISE: {"manager": {"value": "1"}}}),
    (
        'emails[type eq "work"]',
        {
            "emails": [
                {"type": "work", "value": "w@x"},
                {"type": "home", "value": "h@x"},
            ]
        },
    ),
    ("id", {}),
    (f"{CORE}:bogus", {}),
    (f"{ENTERPRISE},title", {"title": "T", ENTERPRISE: EXTENSION}),
    ("bogus,name.bogus", {}),
    ("userName.bogus", {}),
]


@pytest.mark.parametrize(("attributes", "shown"), PROJECTIONS)
def test_attributes_choose_what_is_shown(
    entra: Provisioning, whole: str, attributes: str, shown: Document
) -> None:
    """Rows E17 and E18; RFC 7644 §3.4.2.5, §3.9, §3.10."""
    one = entra.get(f"{USERS}/{whole}", attributes=attributes)
    listed = entra.get(USERS, filter='userName sw "a@"', attributes=attributes)

    assert one.body == {**NAMED, "id": whole, **shown}
    assert listed.resources == [one.body]


@pytest.mark.parametrize(
    ("excluded", "gone", "left"),
    [
        ("title", ["title"], {}),
        ("id,schemas,title", ["title"], {}),
        ("name.givenName", [], {"name": {"familyName": "F"}}),
        ("emails.type", [], {"emails": [{"value": "w@x"}, {"value": "h@x"}]}),
        (
            f"{ENTERPRISE}:department",
            [],
            {ENTERPRISE: {"division": "V", "manager": {"value": "1"}}},
        ),
        (ENTERPRISE, [ENTERPRISE], {}),
        (
            CORE.upper(),
            ["userName", "active", "title", "name", "emails", "meta"],
            {},
        ),
        ("meta", ["meta"], {}),
        ("bogus", [], {}),
    ],
)
def test_excluded_attributes_are_left_out(
    entra: Provisioning, whole: str, excluded: str, gone: list[str], left: Document
) -> None:
    """Row E17; RFC 7644 §3.9."""
    everything = entra.get(f"{USERS}/{whole}").body

    shown = entra.get(f"{USERS}/{whole}", excludedAttributes=excluded).body

    kept = {name: each for name, each in everything.items() if name not in gone}
    assert shown == kept | left


def test_the_urn_of_the_core_schema_names_all_of_it(
    entra: Provisioning, whole: str
) -> None:
    """Row E17; RFC 7644 §3.10."""
    entra.create_group("A", whole)
    everything = entra.get(f"{USERS}/{whole}").body

    shown = entra.get(f"{USERS}/{whole}", attributes=CORE).body
    group = entra.get(GROUPS, attributes=GROUP).resources[0]

    del everything[ENTERPRISE]
    assert shown == everything
    assert [each["value"] for each in group["members"]] == [whole]


def test_writes_are_answered_in_parts_too(entra: Provisioning) -> None:
    """Row E17; RFC 7644 §3.9."""
    created = entra.post(f"{USERS}?attributes=userName", {"userName": "a@example.jp"})
    one = f"{USERS}/{created.id}"
    replaced = entra.put(f"{one}?excludedAttributes=meta", {"userName": "a@example.jp"})

    assert set(created.body) == {"schemas", "id", "userName"}
    assert created.headers["Location"].endswith(one)
    assert set(replaced.body) == {"schemas", "id", "userName", "active"}


def test_a_search_is_a_list_in_a_body(entra: Provisioning, whole: str) -> None:
    """Rows E20 and K3; RFC 7644 §3.4.3, §7.5.2."""
    answer = entra.post(
        f"{USERS}/.search",
        {
            "schemas": [SEARCH],
            "filter": 'userName eq "A@example.jp"',
            "attributes": ["title"],
            "startIndex": 1,
            "count": 5,
        },
    )

    assert answer.body == {
        "schemas": [LIST],
        "totalResults": 1,
        "startIndex": 1,
        "itemsPerPage": 1,
        "Resources": [{**NAMED, "id": whole, "title": "T"}],
    }


def test_groups_are_searched_without_their_members(
    entra: Provisioning, whole: str
) -> None:
    group = entra.create_group("営業部", whole)

    answer = entra.post(
        f"{GROUPS}/.search", {"schemas": [SEARCH], "excludedAttributes": ["members"]}
    )

    assert [each["id"] for each in answer.resources] == [group]
    assert "members" not in answer.resources[0]


def test_a_search_need_not_say_that_it_is_one(entra: Provisioning) -> None:
    """As with a PATCH (row F37), many clients leave it to the address."""
    user = entra.create()
    expression = 'userName eq "yamada@example.jp"'
    for schemas in (None, [], "", ["urn:x"]):
        body = {"schemas": schemas, "filter": expression}
        found = entra.post(f"{USERS}/.search", body)
        assert [each["id"] for each in found.resources] == [user]


@pytest.mark.parametrize(
    ("body", "scim_type"),
    [
        ([], "invalidSyntax"),
        ({"schemas": [LIST]}, "invalidSyntax"),
        ({"schemas": [SEARCH], "filter": 3}, "invalidFilter"),
        ({"schemas": [SEARCH], "filter": "bogus pr"}, "invalidFilter"),
        ({"schemas": [SEARCH], "count": "x"}, "invalidValue"),
        ({"schemas": [SEARCH], "attributes": 5}, "invalidValue"),
        ({"schemas": [SEARCH], "excludedAttributes": {"emails": 1}}, "invalidValue"),
        ({"schemas": [SEARCH], "attributes": ["userName", 5]}, "invalidValue"),
    ],
)
def test_a_search_that_cannot_be_read_is_an_error(
    entra: Provisioning, body: object, scim_type: str
) -> None:
    assert entra.post(f"{USERS}/.search", body).refusal[:2] == (400, scim_type)


@DEAR
@given(
    count=st.integers(1, 5),
    arrivals=st.lists(st.integers(0, 3), max_size=6),
    expression=st.sampled_from(["", 'userName sw "u"', 'title eq "t"', "active pr"]),
)
def test_pages_are_disjoint_and_complete_while_rows_are_inserted(
    enabled_acme: Organization,
    entra: Provisioning,
    count: int,
    arrivals: list[int],
    expression: str,
) -> None:
    """Row E15: whoever comes, comes last."""
    enabled_acme.users.filter(role=User.Role.MEMBER).delete()
    there = [arrive(enabled_acme) for _ in range(7)]
    asked: Document = {"filter": expression} if expression else {}
    seen: list[str] = []
    for page in range(30):
        answer = entra.get(USERS, startIndex=len(seen) + 1, count=count, **asked)
        assert answer.body["startIndex"] == len(seen) + 1
        seen += [each["id"] for each in answer.resources]
        if len(seen) >= answer.body["totalResults"]:
            break
        for _ in range(arrivals[page] if page < len(arrivals) else 0):
            arrive(enabled_acme)

    assert len(seen) == len(set(seen)) == answer.body["totalResults"]
    assert set(there) <= set(seen)


def arrive(organization: Organization) -> str:
    document = {"userName": f"u{uuid.uuid4()}@example.jp", "title": "T"}
    columns = user_attributes(document).columns()
    user = User.objects.create(organization=organization, document=document, **columns)
    return str(user.pk)
