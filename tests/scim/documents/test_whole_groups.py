"""Whole groups, with all their members (RFC 7643 §4.2; rows H4, H9, H12)."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.documents import operations, patch, resources
from scim.documents.member_changes import Meant
from scim.documents.schemas import GROUP, GROUP_TYPE, Document, InvalidAttribute
from tests.effort import steps
from tests.scim.conftest import PATCH_OP

IDS = [str(uuid.UUID(int=number)) for number in range(3)]
LABELS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["User", "", None]),
        "$ref": st.sampled_from(["https://example.jp", "", None]),
        "display": st.text(max_size=3),
        "nothing": st.none(),
    },
)
VALUES = st.sampled_from([*IDS, "x", "bulkId:1"])
ENTRIES = st.one_of(
    VALUES,
    st.builds(lambda value, more: {"value": value, **more}, VALUES, LABELS),
    st.builds(lambda value, more: {**more, "VALUE": value}, VALUES, LABELS),
)


def whole(members: object) -> Document:
    return {"schemas": [GROUP], "displayName": "A", "members": members}


def added(members: object) -> frozenset[uuid.UUID]:
    """Who joins by a PATCH."""
    operation = {"op": "add", "path": "members", "value": members}
    body = {"schemas": [PATCH_OP], "Operations": [operation]}
    asked = operations.parse(GROUP_TYPE, body).operations
    _, change = patch.patch_group({"displayName": "A"}, asked, lambda *_: Meant())
    return change.joining


@given(members=st.lists(ENTRIES, max_size=5))
def test_a_whole_group_names_whom_a_patch_adds(members: list[object]) -> None:
    reading = resources.parse_group(whole(members))

    assert reading.document == {"displayName": "A"}
    assert reading.members == added(members)


@pytest.mark.parametrize("nobody", [{"type": "User"}, {"value": None}, {}, "", None])
def test_who_is_not_named_is_nobody(nobody: object) -> None:
    reading = resources.parse_group(whole([nobody, IDS[0]]))

    assert reading.members == frozenset([uuid.UUID(IDS[0])])
    assert reading.ignored == []


def test_what_cannot_be_an_id_is_counted() -> None:
    for entry in ("x", {"value": "x"}, {"$ref": "https://example.jp"}):
        assert resources.parse_group(whole([entry])).no_ids == 1


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ([1], 'members must be an object, as in {"value": "x"}'),
        ([{"value": 1}], 'members.value must be a text, as in "x"'),
        ([{"value": [IDS[0]], "type": 1}], "members.type must be a text"),
        ([{"value": IDS[0], "$ref": "a b"}], "members.$ref must be a URI"),
    ],
)
def test_a_member_who_cannot_be_read_is_refused(members: object, refusal: str) -> None:
    with pytest.raises(InvalidAttribute, match=refusal.replace("$", r"\$")):
        resources.parse_group(whole(members))


def test_a_group_whose_members_are_not_said_says_nothing_of_them() -> None:
    assert resources.parse_group({"displayName": "A"}).members is None
    for nobody in (None, list[str](), ""):
        assert resources.parse_group(whole(nobody)).members == frozenset()


NAMES = [f"x{number}" for number in range(2000)]


@pytest.mark.parametrize("members", [NAMES, [{"value": name} for name in NAMES]])
def test_members_cost_no_more_in_a_whole_group_than_in_a_patch(members: object) -> None:
    """The model would say of each again what the dialects have said."""
    by_patch = steps(lambda: added(members))

    assert steps(lambda: resources.parse_group(whole(members))) < 1.5 * by_patch
