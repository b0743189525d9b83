"""What means nothing in a PATCH (rows F9-F36), and what is no PATCH request."""

from __future__ import annotations

import uuid

import pytest
from scim2_models import (
    InvalidFilterException,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
    MutabilityException,
    NoTargetException,
    PayloadTooLargeException,
    SCIMException,
)

from scim.documents import operations
from scim.documents.schemas import GROUP_TYPE, USER_TYPE
from tests.effort import steps
from tests.scim.conftest import Document
from tests.scim.documents.patching import op, patched

REFUSED: dict[str, tuple[Document, type[SCIMException]]] = {
    "F9 not a published type": (
        op("Replace", 'emails[type eq "nonexistent"].value', "x"),
        NoTargetException,
    ),
    "F9 not an equality": (
        op("Replace", 'emails[type co "work"].value', "x"),
        NoTargetException,
    ),
    "F9 by value": (
        op("Replace", 'emails[value eq "x"].display', "x"),
        NoTargetException,
    ),
    "F23 required": (op("Remove", "userName"), MutabilityException),
    "F22 required by null": (op("replace", "userName", None), MutabilityException),
    "F22 required by an empty text": (
        op("replace", "userName", ""),
        InvalidValueException,
    ),
    "F25 remove without path": (op("remove", None), NoTargetException),
    "F28 syntax": (op("replace", "emails[type eq", "x"), InvalidPathException),
    "F28 blank": (op("replace", "a b", "x"), InvalidPathException),
    "F28 filter": (
        op("replace", 'emails[x eq "y"].value', "z"),
        InvalidFilterException,
    ),
    "F29 id": (op("replace", "id", "x"), MutabilityException),
    "F29 meta": (op("replace", "meta.created", "x"), MutabilityException),
    "F29 groups": (op("add", "groups", [{"value": "x"}]), MutabilityException),
    "F36 no op": ({"path": "title", "value": "x"}, InvalidSyntaxException),
    "F36 unknown op": (op("move", "title", "x"), InvalidSyntaxException),
    "F36 no value": (op("add", "title"), InvalidValueException),
    "F36 no object": (op("replace", None, "x"), InvalidValueException),
    "F36 path": ({"op": "add", "path": 3, "value": "x"}, InvalidPathException),
    "a boolean that is none": (op("add", "active", "maybe"), InvalidValueException),
    "a text that is none": (op("add", "title", 3), InvalidValueException),
    "a list where one is meant": (
        op("add", "title", ["a", "b"]),
        InvalidValueException,
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_what_means_nothing_is_refused_and_the_operation_is_named(row: str) -> None:
    sent, refusal = REFUSED[row]

    with pytest.raises(refusal) as refused:
        patched(op("replace", "title", "U"), sent)

    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("Operations[1]: ")


@pytest.mark.parametrize(
    "body",
    [
        [],
        "x",
        {},
        {"Operations": []},
        {"Operations": {"op": "add"}},
        {"Operations": ["x"]},
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "Operations": [op("add", "title", "x")],
        },
    ],
)
def test_what_is_no_patch_request_is_invalid_syntax(body: object) -> None:
    """Row F36."""
    with pytest.raises(InvalidSyntaxException):
        operations.parse(USER_TYPE, body)


def any_of(terms: int) -> str:
    return "emails[" + " or ".join(['value eq "x"'] * terms) + "]"


@pytest.mark.parametrize(
    "sent",
    [
        [op("remove", any_of(1001))],
        [op("remove", any_of(100))] * 11,
        [op("add", None, {any_of(1001): None})],
        [op("remove", "emails[" + "(" * 10 + "value pr" + ")" * 10 + "]")],
    ],
    ids=["terms", "terms-of-all", "a-key", "depth"],
)
def test_filters_in_paths_are_limited(sent: list[Document]) -> None:
    """They cost as much as those of queries, and hold a row meanwhile."""
    with pytest.raises((PayloadTooLargeException, InvalidFilterException)) as refused:
        operations.parse(USER_TYPE, {"Operations": sent})

    assert "limit" in str(refused.value) or "more than" in str(refused.value)


@pytest.mark.parametrize("end", ['\\"', '"', "\\", "(", " eq "])
def test_no_path_is_read_for_ever(end: str) -> None:
    """Quotes that are not closed took time by the square of their number."""
    path = 'emails["' + end * 30_000

    with pytest.raises(
        (InvalidPathException, InvalidFilterException, PayloadTooLargeException)
    ):
        operations.parse(USER_TYPE, {"Operations": [op("remove", path)]})


def test_a_filter_visits_each_entry_for_each_of_its_terms() -> None:
    many: Document = {
        "userName": "a@example.jp",
        "emails": [{"value": f"{n}@x.jp"} for n in range(100)],
    }

    assert patched(op("remove", any_of(49)), before=many) == many
    with pytest.raises(PayloadTooLargeException):
        patched(op("remove", any_of(50)), before=many)


def emails(count: int, of: str = "a") -> list[Document]:
    return [{"value": f"{of}{number}@example.jp"} for number in range(count)]


LONG_LISTS: dict[str, Document] = {
    "replacing": op("replace", "emails", emails(90)),
    "replacing-by-texts": op("replace", "emails", [str(n) for n in range(90)]),
    "without-a-path": op("replace", None, {"emails": emails(90)}),
    "adding-the-same": op("add", None, {"EMAILS": emails(90)}),
    "removing": op("remove", "emails", emails(90)),
}


@pytest.mark.parametrize("sent", LONG_LISTS.values(), ids=LONG_LISTS)
@pytest.mark.parametrize("kept", [0, 90])
def test_what_operations_bring_is_counted_whatever_was_there(
    sent: Document, kept: int
) -> None:
    """Row I8: 250 of them took four seconds on a user without addresses."""
    before: Document = {"userName": "a@example.jp", "emails": emails(kept)}

    def refused(number: int) -> None:
        with pytest.raises(PayloadTooLargeException):
            patched(*[sent] * number, before=before)

    few = steps(lambda: refused(60))

    assert steps(lambda: refused(250)) < 1.1 * few


def test_lists_that_are_replaced_are_counted_once_each() -> None:
    sent = [op("replace", "emails", emails(45, str(number))) for number in range(50)]

    assert patched(*sent)["emails"] == emails(45, "49")
    with pytest.raises(PayloadTooLargeException):
        patched(*sent * 2)


def test_values_of_a_removal_are_terms_of_a_filter() -> None:
    before: Document = {"userName": "a@example.jp", "emails": emails(100)}

    after = patched(op("remove", "emails", emails(40)), before=before)

    assert after["emails"] == emails(100)[40:]
    with pytest.raises(PayloadTooLargeException):
        patched(op("remove", "emails", emails(50)), before=before)


def test_members_are_not_counted_among_the_values() -> None:
    """Row H6: Entra ID adds and removes thousands at once."""
    members = [{"value": str(uuid.uuid4())} for _ in range(6000)]

    for name in ("add", "remove", "replace"):
        body = {"Operations": [op(name, "members", members)]}
        assert operations.parse(GROUP_TYPE, body).operations[0].value == members


def test_a_thousand_operations_are_the_limit() -> None:
    body = {"Operations": [op("add", "title", "x")] * 1001}

    with pytest.raises(PayloadTooLargeException):
        operations.parse(USER_TYPE, body)


def test_names_that_mean_nothing_are_told() -> None:
    body = {
        "Operations": [
            op("add", "favouriteColour", "red"),
            op("add", None, {"shoeSize": 3, "name": {"nom": "x"}, "not a name": 1}),
        ]
    }

    request = operations.parse(USER_TYPE, body)

    assert set(request.ignored) == {"favouriteColour", "shoeSize", "nom", "not a name"}
