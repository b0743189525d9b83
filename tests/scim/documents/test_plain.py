"""A plain document is what the long way of reading makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import SCIMException

from scim.documents import patch, plain, resources
from scim.documents.operations import parse
from scim.documents.schemas import (
    CORE_USER,
    ENTERPRISE_USER,
    EXTENSION,
    USER,
    USER_TYPE,
    InvalidAttribute,
)
from tests.scim.conftest import PATCH_OP, Document
from tests.scim.test_round_trips import DOCUMENTS

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(["", " ", "true", "work", "Work", "a@example.jp", "x" * 1025]),
    st.text(st.characters(codec="utf-8"), max_size=5),
)
NAMES = st.sampled_from(
    sorted(
        {each.name for each in (*CORE_USER.values(), *EXTENSION.values())}
        | {"USERNAME", "value", "type", "primary", "Value", ENTERPRISE_USER, "unknown"}
    )
)
ANYTHING = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=4)
    ),
    max_leaves=8,
)


@given(document=DOCUMENTS)
def test_what_clients_usually_send_is_plain(document: Document) -> None:
    has_addresses = any(
        "value" not in entry
        for listed in document.values()
        if isinstance(listed, list)
        for entry in listed
    )

    assert plain.is_whole(USER_TYPE, document) or has_addresses


@given(
    document=DOCUMENTS,
    changes=st.dictionaries(NAMES, ANYTHING, max_size=3),
    below=st.dictionaries(NAMES, ANYTHING, max_size=2),
    data=st.data(),
)
def test_a_plain_document_is_read_as_it_is(
    document: Document, changes: Document, below: Document, data: Any
) -> None:
    document |= changes
    holders = [each for each in document.values() if isinstance(each, dict)]
    if holders:
        data.draw(st.sampled_from(holders)).update(below)
    body = {"schemas": [USER], **document}

    if plain.is_whole(USER_TYPE, document):
        assert resources.read_user(body) == resources.Reading(document)


SILENT = st.dictionaries(
    st.sampled_from(["meta", "id", "groups", "Meta", "roles", "title", "active", "x"]),
    ANYTHING | st.sampled_from([None, [], {}, {"resourceType": "User"}]),
    min_size=1,
    max_size=4,
)


@given(document=DOCUMENTS, silent=SILENT)
def test_what_says_nothing_is_left_out_whichever_way_it_is_read(
    document: Document, silent: Document
) -> None:
    body = {"schemas": [USER], **document, **silent}
    try:
        expected = resources.read_user(body)
    except SCIMException as refusal:
        with pytest.raises(type(refusal)):
            resources.parse_user(body)
        return

    assert resources.parse_user(body) == expected


@pytest.mark.parametrize("name", ["title", "active", "displayName", "externalId"])
def test_an_empty_object_is_no_text_whoever_says_it(name: str) -> None:
    """RFC 7643 §2.5 names null and the empty list, and nothing else, as unassigned."""
    body = {"schemas": [USER], "userName": "a@example.jp"}

    for read in (resources.parse_user, resources.read_user):
        assert read(body | {"name": {}}).document == {"userName": "a@example.jp"}
        with pytest.raises(InvalidAttribute, match=f"{name} must be"):
            read(body | {name: {}})
    with pytest.raises(InvalidAttribute, match=f"{name} must be"):
        parse(USER_TYPE, {"Operations": [{"op": "add", "path": name, "value": {}}]})


def test_what_entra_documents_as_its_creation_is_plain() -> None:
    """Row D1; and what Okta puts back (row L3) as it has read it."""
    body = {
        "schemas": [USER, ENTERPRISE_USER],
        "userName": "yamada@example.jp",
        "active": True,
        "emails": [{"type": "work", "value": "yamada@example.jp", "primary": True}],
        "meta": {"resourceType": "User"},
        "roles": [],
        ENTERPRISE_USER: {"department": "営業"},
    }
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(resources, "read_user", lambda _: pytest.fail("long way"))

        created = resources.parse_user(body).document
        read = resources.parse_user(body | {"id": "x", "groups": [{"value": "y"}]})

    assert created == {n: v for n, v in body.items() if n not in SAID_BY_US | {"roles"}}
    assert read.document == created


SAID_BY_US = {"schemas", "meta"}


@given(listed=st.lists(st.dictionaries(NAMES, SCALARS, max_size=3), max_size=3))
def test_a_plain_list_is_read_as_it_is(listed: list[Document]) -> None:
    document = {"userName": "a@example.jp", "active": True, "emails": listed}

    if plain.is_whole(USER_TYPE, document):
        assert resources.read_user(document) == resources.Reading(document)


SINGLE = st.sampled_from(
    ["title", "active", "displayName", "name.familyName", "nickName", "externalId"]
    + [f"{ENTERPRISE_USER}:{name}" for name in ("department", "employeeNumber")]
)
VALUES = st.sampled_from(["T", "", "true", True, False, "x" * 2000, " "])


@given(
    document=DOCUMENTS,
    assigned=st.lists(st.tuples(SINGLE, st.none() | VALUES), min_size=1, max_size=4),
)
def test_an_assignment_comes_to_the_same(
    document: Document, assigned: list[tuple[str, object]]
) -> None:
    sent = [
        {"op": "remove", "path": path}
        if value is None
        else {"op": "replace", "path": path, "value": value}
        for path, value in assigned
    ]
    short = outcome(document, sent)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(plain, "is_whole", lambda *_: False)
        assert outcome(document, sent) == short


def outcome(document: Document, sent: list[Document]) -> Document | str:
    """What a PATCH makes of a document, or why it is refused."""
    try:
        asked = parse(USER_TYPE, {"schemas": [PATCH_OP], "Operations": sent})
        return patch.patch_user(document, asked.operations)
    except SCIMException as refusal:
        return f"{type(refusal)}: {refusal}"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"active": True},
        {"userName": " ", "active": True},
        {"userName": "a@example.jp", "active": None},
        {"userName": "a@example.jp", "active": "True"},
        {"username": "a@example.jp", "active": True},
    ],
)
def test_what_lacks_something_is_not_whole(document: Document) -> None:
    assert not plain.is_whole(USER_TYPE, document)
