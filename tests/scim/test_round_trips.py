"""What is read is what was written, whatever was written (A13, D6)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from scim.documents import operations, patch, resources
from scim.documents.schemas import (
    CORE_USER,
    ENTERPRISE_USER,
    EXTENSION,
    USER_TYPE,
    Attribute,
    Type,
)
from tests.examples import DEAR
from tests.scim.conftest import USERS, Document, Provisioning

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20
)
FORMED = {
    Type.boolean: st.booleans(),
    Type.binary: st.binary(min_size=1).map(lambda held: b64encode(held).decode()),
    Type.reference: TEXTS.map(lambda path: f"https://example.jp/{quote(path)}"),
}


def values(attribute: Attribute) -> st.SearchStrategy[Any]:
    """Anything that an attribute may hold; a list without two primary values."""
    if attribute.type is not Type.complex:
        return FORMED.get(attribute.type, TEXTS)
    parts = {
        each.name: values(each)
        for each in attribute.sub_attributes.values()
        if not each.is_read_only and each.name != "primary"
    }
    if not attribute.is_multi_valued:
        return st.fixed_dictionaries({}, optional=parts).filter(bool)
    key = "value" if "value" in parts else "formatted"
    entry = st.fixed_dictionaries({key: parts.pop(key)}, optional=parts)
    return st.lists(entry, min_size=1, max_size=3, unique_by=_pair)


def _pair(entry: Document) -> object:
    label = str(entry.get("type")).lower()
    return (label, entry["value"]) if "value" in entry else repr(sorted(entry.items()))


def _writable(attributes: dict[str, Attribute] | Any) -> dict[str, Attribute]:
    limited = {"displayName", "title", "department", "organization", "employeeNumber"}
    return {
        each.name: each
        for each in attributes.values()
        if not each.is_read_only and each.name not in {"userName", "active"} | limited
    }


DOCUMENTS = st.fixed_dictionaries(
    {"userName": st.just("a@example.jp"), "active": st.booleans()},
    optional={name: values(each) for name, each in _writable(CORE_USER).items()}
    | {
        ENTERPRISE_USER: st.fixed_dictionaries(
            {},
            optional={
                name: values(each) for name, each in _writable(EXTENSION).items()
            },
        ).filter(bool)
    },
)


@given(document=DOCUMENTS)
def test_a_document_is_kept_as_it_was_sent(document: Document) -> None:
    kept = resources.parse_user(document).document

    assert kept == document
    assert resources.parse_user(kept).document == kept


@given(document=DOCUMENTS)
def test_an_operation_leaves_the_rest_as_it_was(document: Document) -> None:
    request = operations.parse(
        USER_TYPE, {"Operations": [{"op": "add", "path": "title", "value": "T"}]}
    )

    assert patch.patch_user(document, request.operations) == document | {"title": "T"}


@DEAR
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_replacing_each_attribute_comes_to_the_other_document(
    before: Document, after: Document
) -> None:
    gone = [{"op": "remove", "path": name} for name in before.keys() - after.keys()]
    emptied = [
        {"op": "remove", "path": name} for name in ("name", ENTERPRISE_USER)
    ]  # a replacement would merge
    set_ = [
        {"op": "replace", "path": name, "value": each} for name, each in after.items()
    ]
    request = operations.parse(USER_TYPE, {"Operations": [*gone, *emptied, *set_]})

    assert patch.patch_user(before, request.operations) == after


@DEAR
@given(document=DOCUMENTS)
def test_what_is_read_is_what_was_written(
    entra: Provisioning, document: Document
) -> None:
    created = entra.post(USERS, document)
    read = entra.get(f"{USERS}/{created.id}")
    entra.delete(f"{USERS}/{created.id}")

    own = {"schemas", "id", "meta"}
    shown = {name: each for name, each in read.body.items() if name not in own}
    assert (created.status, created.body) == (201, read.body)
    assert shown == document
