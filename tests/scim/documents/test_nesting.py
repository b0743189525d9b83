"""Keys that are paths, in a POST or PUT, mean what they mean in a PATCH (row F6)."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import SCIMException

from scim.documents import resources
from scim.documents.nesting import nested
from scim.documents.schemas import GROUP_TYPE, USER_TYPE
from tests.effort import steps
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    GROUP,
    GROUPS,
    USERS,
    Document,
    Provisioning,
)

NAME: Document = {"userName": "a@example.jp"}
SAID: list[tuple[Document, Document]] = [
    ({"name.givenName": "太郎"}, {"name": {"givenName": "太郎"}}),
    (
        {"name": {"familyName": "山田"}, "NAME.givenname": "太郎"},
        {"name": {"familyName": "山田", "givenName": "太郎"}},
    ),
    ({f"{CORE}:title": "主任"}, {"title": "主任"}),
    (
        {CORE: {"title": "主任", "name.givenName": "A"}},
        {"title": "主任", "name": {"givenName": "A"}},
    ),
    ({f"{ENTERPRISE}:department": "営業"}, {ENTERPRISE: {"department": "営業"}}),
    ({f"{ENTERPRISE}.department": "営業"}, {ENTERPRISE: {"department": "営業"}}),
    ({"department": "営業"}, {ENTERPRISE: {"department": "営業"}}),
    (
        {ENTERPRISE: {"division": "D", "manager.value": "1"}, "department": "営業"},
        {
            ENTERPRISE: {
                "division": "D",
                "manager": {"value": "1"},
                "department": "営業",
            }
        },
    ),
    (
        {'emails[type eq "work"].value': "w@x.jp"},
        {"emails": [{"type": "work", "value": "w@x.jp"}]},
    ),
    (
        {
            'addresses[type eq "work"].locality': "東京",
            'addresses[type eq "work"].country': "JP",
        },
        {"addresses": [{"type": "work", "locality": "東京", "country": "JP"}]},
    ),
    (
        {
            'emails[type eq "work"].primary': True,
            "emails": [{"type": "home", "value": "h"}, {"type": "Work", "value": "w"}],
        },
        {
            "emails": [
                {"type": "home", "value": "h"},
                {"type": "Work", "value": "w", "primary": True},
            ]
        },
    ),
    ({"emails.value": "w@x.jp"}, {"emails": [{"value": "w@x.jp"}]}),
]


@pytest.mark.parametrize(("sent", "kept"), SAID)
def test_a_key_that_is_a_path_is_understood(sent: Document, kept: Document) -> None:
    """Rows F6, F11, F15-F18."""
    read = resources.parse_user({"schemas": [CORE], **NAME, **sent})

    assert read == resources.Reading({**NAME, **kept})


@pytest.mark.parametrize("write", ["POST", "PUT"])
def test_nothing_said_by_a_path_is_lost(entra: Provisioning, write: str) -> None:
    """Rows F6 and D12, over HTTP; the required attribute may be said so, too."""
    body = {
        "schemas": [CORE],
        f"{CORE}:userName": "b@example.jp",
        "name.givenName": "太郎",
        f"{ENTERPRISE}:employeeNumber": "42",
        "misspelt.name": "x",
    }
    one = f"{USERS}/{entra.create()}" if write == "PUT" else USERS

    answer = entra.send(write, one, body)

    assert answer.status < 300, answer.content
    assert answer.body["userName"] == "b@example.jp"
    assert answer.body["name"] == {"givenName": "太郎"}
    assert answer.body[ENTERPRISE] == {"employeeNumber": "42"}


def test_a_group_says_its_members_by_a_path(entra: Provisioning) -> None:
    user = entra.create()
    body = {
        "schemas": [GROUP],
        "displayName": "G",
        f"{GROUP}:members": [{"value": user}],
    }

    group = entra.post(GROUPS, body).id

    assert entra.members(group) == {user}


REFUSED: list[tuple[Document, str, str]] = [
    (
        {"name": {"givenName": "A"}, "name.givenName": "B"},
        "invalidSyntax",
        "name.givenName",
    ),
    ({"title": "A", f"{CORE}:title": "B"}, "invalidSyntax", f"{CORE}:title"),
    (
        {"userName": "b@example.jp"} | {f"{CORE}:userName": "c"},
        "invalidSyntax",
        "userName",
    ),
    ({"name": "x", "name.givenName": "B"}, "invalidSyntax", "name.givenName"),
    ({"emails[type eq": "x"}, "invalidPath", "emails[type eq"),
    ({'emails[type ne "work"].value': "x"}, "invalidPath", "emails[type ne"),
    ({'emails[bogus eq "work"].value': "x"}, "invalidFilter", "bogus"),
    (
        {
            'emails[type eq "work"].value': "x",
            "emails": [{"type": "work", "value": "y"}],
        },
        "invalidSyntax",
        'emails[type eq "work"].value',
    ),
]


@pytest.mark.parametrize(("sent", "scim_type", "named"), REFUSED)
def test_what_cannot_be_meant_is_refused_by_its_name(
    entra: Provisioning, sent: Document, scim_type: str, named: str
) -> None:
    answer = entra.post(USERS, NAME | sent)

    assert (answer.status, answer.body["scimType"]) == (400, scim_type)
    assert named in answer.body["detail"]
    assert entra.found('userName eq "a@example.jp"') == []


KEYS = [
    *("name", "name.givenName", "emails", 'emails[type eq "work"]', "x", CORE, ""),
    *(ENTERPRISE, f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value", "a.b.c"),
]
TEXTS = st.text(max_size=5)
VALUES = st.none() | TEXTS | st.lists(TEXTS, max_size=2) | st.dictionaries(TEXTS, TEXTS)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_the_sent_document_stays_as_it_was(sent: Document) -> None:
    before = repr(sent)
    for resource_type in (USER_TYPE, GROUP_TYPE):
        try:
            nested(resource_type, sent)
        except SCIMException:
            continue
        finally:
            assert repr(sent) == before


def test_of_many_keys_no_more_are_parsed_than_may_be_sent(entra: Provisioning) -> None:
    """100,000 of them took 20 seconds."""
    one = f"{USERS}/{entra.create()}"

    def cost(number: int) -> int:
        many = {f"x{n}.y": 1 for n in range(number)}
        return steps(lambda: refused(many))

    def refused(many: Document) -> None:
        answers = [
            entra.post(USERS, NAME | many),
            entra.put(one, NAME | many),
            entra.patch(one, {"op": "add", "value": many}),
            entra.patch(one, {"op": "add", "value": {ENTERPRISE: many}}),
        ]
        assert {each.refusal for each in answers} == {(413, None, "CW-REQ-3")}

    cost(2000)  # what is prepared once is not counted

    assert cost(60_000) < 1.1 * cost(6000)


MANY = {f"x{number}": 1 for number in range(60_000)}
INNER: dict[str, Document] = {
    "an-entry": {"emails": [MANY]},
    "entries": {"emails": [{f"x{n}": 1, "value": f"{n}"} for n in range(1000)], "y": 1},
    "a-complex-value": {"name": MANY},
    "an-unknown-extension": {"urn:x:y:2.0:User": MANY},
    "below-it": {"urn:x:y:2.0:User": {"z": {"z": MANY}}},
    "the-known-extension": {ENTERPRISE: MANY},
}


@pytest.mark.parametrize("said", INNER.values(), ids=INNER)
def test_names_below_attributes_are_counted_too(
    entra: Provisioning, said: Document
) -> None:
    """Row I8: 1,000 attributes were the limit, but 60,000 names in one were taken."""
    answer = entra.post(USERS, NAME | said)

    assert answer.refusal == (413, None, "CW-REQ-3")


@pytest.mark.parametrize(
    "change",
    [
        {"path": "emails", "value": [{"value": "a@x.jp"} | MANY]},
        {"path": "unknown", "value": MANY},
        {"value": {"unknown": {"inner": MANY}}},
    ],
)
def test_names_in_the_values_of_a_patch_are_counted_too(
    entra: Provisioning, change: Document
) -> None:
    answer = entra.patch(f"{USERS}/{entra.create()}", {"op": "add"} | change)

    assert answer.refusal == (413, None, "CW-REQ-3")


def test_a_name_that_means_nothing_may_be_in_each_of_many_members(
    entra: Provisioning,
) -> None:
    """Rows D12, H9."""
    members = [{"value": str(uuid.uuid4()), "displayName": "x"} for _ in range(2000)]

    answer = entra.post(GROUPS, {"displayName": "A", "members": members})

    assert answer.status == 201
