"""What clients change of users and groups, and how each of them says so."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.scim.conftest import ENTERPRISE, Document

Place = tuple[str, ...]
Changes = dict[Place, Any]  # None: no value any more

TITLE, ACTIVE, USER_NAME = ("title",), ("active",), ("userName",)
LOCAL_PARTS = ["a", "b", "c", "d", "e", "f", "g"]
USER_NAMES = st.sampled_from(
    [f"{each}@example.jp" for each in [*LOCAL_PARTS, "A", "B", "C"]]
)
WORDS = st.sampled_from(["a", "B", "b", "山田", "x y", '"', "\\"])
SINGLE: list[Place] = [
    TITLE,
    ("displayName",),
    ("nickName",),
    ("externalId",),
    ("name", "givenName"),
    ("name", "familyName"),
    (ENTERPRISE, "department"),
    (ENTERPRISE, "costCenter"),
]
EMAILS: list[Place] = [("emails", "work"), ("emails", "home")]
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        USER_NAME: USER_NAMES,
        ACTIVE: st.booleans(),
        **dict.fromkeys((*SINGLE, *EMAILS), st.none() | WORDS),
    },
).filter(bool)
CONTENTS = st.fixed_dictionaries(
    {USER_NAME: USER_NAMES},
    optional={
        ACTIVE: st.booleans(),
        **dict.fromkeys((*SINGLE, *EMAILS), WORDS),
    },
)

PEOPLE = st.lists(
    CONTENTS,
    min_size=2,
    max_size=4,
    unique_by=lambda content: str(content[USER_NAME]).lower(),
)


def changed(document: Document, changes: Changes) -> Document:
    after = deepcopy(document)
    for place, value in changes.items():
        if place in EMAILS:
            _set_email(after, place[1], value)
        elif len(place) == 1:
            after[place[0]] = value
        else:
            after.setdefault(place[0], {})[place[1]] = value
    return _pruned(after)


def _set_email(document: Document, label: str, value: str | None) -> None:
    entries = {entry["type"]: entry for entry in document.get("emails", [])}
    entries[label] = {"type": label, "value": value}
    document["emails"] = [entry for entry in entries.values() if entry["value"]]


def meaningful(changes: Changes, before: Document) -> Changes:
    """Leave out the removal of e-mails that are not there: that is noTarget (§3.5.2.2)."""
    labels = {entry["type"] for entry in before.get("emails", [])}
    return {
        place: value
        for place, value in changes.items()
        if place not in EMAILS or value or place[1] in labels
    }


def _pruned(document: Document) -> Document:
    pruned = {
        name: _pruned(value) if isinstance(value, dict) else value
        for name, value in document.items()
    }
    return {n: value for n, value in pruned.items() if value not in (None, {}, [])}


def path(place: Place) -> str:
    if place in EMAILS:
        return f'emails[type eq "{place[1]}"].value'
    return (":" if place[0] == ENTERPRISE else ".").join(place)


def rfc(changes: Changes, _: Document) -> list[Document]:
    return [
        {"op": "remove", "path": path(place)}
        if value is None
        else {"op": "replace", "path": path(place), "value": value}
        for place, value in changes.items()
    ]


def rfc_additions(changes: Changes, before: Document) -> list[Document]:
    return [
        each | {"op": each["op"].replace("replace", "add")}
        for each in rfc(changes, before)
    ]


def entra(changes: Changes, _: Document) -> list[Document]:
    """Row F1: capital letters, booleans as texts; F22: "" for no value."""
    return [
        {"op": "Replace", "path": path(place), "value": _entra_value(value)}
        for place, value in changes.items()
    ]


def _entra_value(value: object) -> object:
    if isinstance(value, bool):
        return str(value)
    return "" if value is None else value


def entra_flagged(changes: Changes, _: Document) -> list[Document]:
    """Row F6: one operation without a path, whose keys are paths."""
    value = {path(place): _entra_value(value) for place, value in changes.items()}
    return [{"op": "replace", "value": value}]


def okta(changes: Changes, before: Document) -> list[Document]:
    """Rows L1-L4: one operation without a path, whose value is part of a document."""
    value: Document = {}
    for place, item in changes.items():
        if place in EMAILS:
            value["emails"] = changed(before, changes).get("emails", [])
        elif len(place) == 1:
            value[place[0]] = item
        else:
            value.setdefault(place[0], {})[place[1]] = item
    return [{"op": "replace", "value": value}]


DIALECTS = st.sampled_from([rfc, rfc_additions, entra, entra_flagged, okta])
ONE = st.integers(0, 7)
SOME = st.sets(ONE, max_size=3)
GROUP_NAMES = st.sampled_from(["営業", "Sales", "SALES", "x"])


def listed(members: Sequence[str]) -> list[Document]:
    return [{"value": member} for member in members]


def joining(members: Sequence[str]) -> list[Document]:
    return [{"op": "Add", "path": "members", "value": listed(members)}]


def joining_without_path(members: Sequence[str]) -> list[Document]:
    return [{"op": "add", "value": {"members": listed(members)}}]


def leaving(members: Sequence[str]) -> list[Document]:
    """Row H5."""
    return [{"op": "Remove", "path": "members", "value": listed(members)}]


def leaving_one_by_one(members: Sequence[str]) -> list[Document]:
    """Row H6."""
    return [
        {"op": "remove", "path": f'members[value eq "{member}"]'} for member in members
    ]


JOINING = st.sampled_from([joining, joining_without_path])
LEAVING = st.sampled_from([leaving, leaving_one_by_one])
