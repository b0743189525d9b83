"""Doing operations together comes to what doing them one by one does (§3.5.2, row F26)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from scim2_models import SCIMException

from scim.documents import operations, patch, resources
from scim.documents.schemas import ENTERPRISE_USER, USER_TYPE
from tests.scim.conftest import Document
from tests.scim.test_round_trips import DOCUMENTS

TEXTS = st.sampled_from(["a", "B", "山", "work", "a@example.jp", "true", " "])
ENTRIES = st.fixed_dictionaries(
    {}, optional={"value": TEXTS, "type": TEXTS, "primary": st.booleans()}
)
VALUES = (
    TEXTS
    | st.none()
    | st.booleans()
    | st.just(5)
    | st.just("")
    | ENTRIES
    | st.lists(ENTRIES, max_size=2)
    | st.fixed_dictionaries({}, optional={"givenName": TEXTS, "department": TEXTS})
)
PATHS = st.sampled_from(
    [
        "title",
        "userName",
        "active",
        "externalId",
        "name",
        "name.givenName",
        "name.familyName",
        "emails",
        'emails[type eq "work"]',
        'emails[type eq "work"].value',
        'emails[type eq "home"].value',
        "emails[primary eq true].value",
        'emails[value eq "a"].type',
        'addresses[type eq "work"].locality',
        "roles",
        "department",
        f"{ENTERPRISE_USER}:department",
        f"{ENTERPRISE_USER}:manager",
        f"{ENTERPRISE_USER}:manager.value",
        ENTERPRISE_USER,
        "nothing",
        "id",
    ]
)
OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "replace", "Remove"]),
            "path": PATHS,
            "value": VALUES,
        }
    ),
    min_size=1,
    max_size=6,
)


def one_by_one(document: Document, asked: list[operations.Operation]) -> Document:
    resource = resources.load(USER_TYPE, document)
    patch.apply_each(USER_TYPE, resource, asked)
    return resources.dump(USER_TYPE, resource)


def outcome(apply: Any, document: Document, asked: object) -> object:
    try:
        return apply(document, asked)
    except SCIMException as error:
        return type(error), str(error)


@given(document=DOCUMENTS, sent=OPERATIONS)
def test_together_is_one_by_one(document: Document, sent: list[Document]) -> None:
    try:
        asked = operations.parse(USER_TYPE, {"Operations": sent}).operations
    except SCIMException:
        return
    before = repr(document)

    together = outcome(patch.patch_user, document, asked)

    assert together == outcome(one_by_one, document, asked)
    assert repr(document) == before


def test_a_path_is_read_once() -> None:
    request = {"Operations": [{"op": "add", "path": "title", "value": "T"}] * 2}

    first, second = operations.parse(USER_TYPE, request).operations

    assert first.target is second.target


def test_a_long_path_is_not_remembered() -> None:
    path = f'emails[type eq "{"x" * 300}"]'
    request = {"Operations": [{"op": "remove", "path": path}] * 2}

    first, second = operations.parse(USER_TYPE, request).operations

    assert first.target is not second.target
