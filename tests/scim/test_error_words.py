"""An error about a value names its attribute by its path, and not as the library does (I3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from scim2_models import SCIMException

from scim.documents import operations, patch, resources
from scim.documents.member_changes import Meant
from scim.documents.schemas import (
    ENTERPRISE_USER,
    GROUP_TYPE,
    USER_TYPE,
    Attribute,
    Document,
    ResourceType,
    Type,
)

USER: Document = {
    "userName": "a@example.jp",
    "emails": [{"type": "work", "value": "a@b.jp"}],
}
WHOLE: dict[ResourceType, Document] = {
    USER_TYPE: USER,
    GROUP_TYPE: {"displayName": "G"},
}
TWO_PRIMARY = [{"value": "a", "primary": True}, {"value": "b", "primary": True}]
WRONG: list[object] = [1, True, [1], ["a", "b"], {"x": 1}, [{"value": 1}], TWO_PRIMARY]
OF_THE_LIBRARY = re.compile(r"\w_\w|\bNone\b|Field|'\w|ctx|Error")


def attributes(resource_type: ResourceType) -> Iterator[Attribute]:
    for each in resource_type.attributes.values():
        yield from _with_parts(each)


def _with_parts(attribute: Attribute) -> Iterator[Attribute]:
    if not attribute.is_read_only:
        yield attribute
        for each in attribute.sub_attributes.values():
            yield from _with_parts(each)


def body(path: str, value: object) -> Document:
    """Return the body that says a value of an attribute, as RFC 7643 nests it."""
    schema, _, name = path.rpartition(":")
    if path == ENTERPRISE_USER:
        return {path: value}
    head, _, part = name.partition(".")
    said = {head: {part: value} if part else value}
    return {schema: said} if schema else said


def refusal(asked: Callable[[], object]) -> str | None:
    try:
        asked()
    except SCIMException as error:
        return str(error)
    return None


def written(resource_type: ResourceType, path: str, value: object) -> Iterator[str]:
    """Yield what writes of a value are refused with."""
    parse = (
        resources.parse_user if resource_type is USER_TYPE else resources.parse_group
    )
    whole = WHOLE[resource_type]
    message = {"Operations": [{"op": "replace", "path": path, "value": value}]}

    def patched() -> None:
        asked = operations.parse(resource_type, message).operations
        if resource_type is USER_TYPE:
            patch.patch_user(whole, asked)
        else:
            patch.patch_group(whole, asked, lambda *_: Meant())

    for each in (lambda: parse(whole | body(path, value)), patched):
        text = refusal(each)
        if text is not None:
            yield text


@pytest.mark.parametrize("resource_type", [USER_TYPE, GROUP_TYPE])
@pytest.mark.parametrize("value", WRONG)
def test_a_refused_value_is_named_by_the_path_of_its_attribute(
    resource_type: ResourceType, value: object
) -> None:
    for attribute in attributes(resource_type):
        for text in written(resource_type, attribute.path, value):
            assert attribute.path in text
            assert not OF_THE_LIBRARY.search(text), text


def test_something_is_refused_for_every_attribute() -> None:
    """That is, the test above tests."""
    for resource_type in (USER_TYPE, GROUP_TYPE):
        for attribute in attributes(resource_type):
            wrong = "x" if attribute.type in {Type.boolean} else 1
            assert list(written(resource_type, attribute.path, wrong)), attribute.path


PATHS = [
    ("emails[type eq", "column 13; write it as in name.givenName or"),
    ("a b", "write it as in name.givenName or"),
    ('userName eq "x"', "a filter goes in brackets; write it as in"),
    ('name[givenName eq "x"]', 'name has one value; name it without "[…]"'),
    ('emails[bogus eq "x"]', 'emails has no "bogus"; filter by value, display, type'),
    ('emails[not (bogus pr) and type eq "x"]', 'emails has no "bogus"'),
    ("emails[type eq true]", 'emails.type is compared with a text, as in type eq "x"'),
    ("emails[primary gt true]", "emails.primary is compared by eq or ne"),
    ('emails[primary eq "x"]', "emails.primary must be true or false"),
    ('x509Certificates[value eq "AAAA"]', "no value of x509Certificates matches"),
]


@pytest.mark.parametrize(("path", "said"), PATHS)
def test_a_path_that_cannot_be_meant_says_why(path: str, said: str) -> None:
    message = {
        "Operations": [{"op": "replace", "path": path, "value": {"value": "AA"}}]
    }

    def patched() -> None:
        asked = operations.parse(USER_TYPE, message).operations
        patch.patch_user(USER, asked)

    text = refusal(patched) or ""

    assert said in text
    assert path in text
    assert not OF_THE_LIBRARY.search(text.replace(path, ""))


@pytest.mark.parametrize("path", ["userName", "displayName"])
def test_what_is_required_is_not_removed(path: str) -> None:
    """RFC 7644 §3.5.2.2."""
    resource_type = USER_TYPE if path == "userName" else GROUP_TYPE
    for operation in (
        {"op": "remove", "path": path},
        {"op": "replace", "path": path, "value": None},
    ):
        text = refusal(
            lambda said=operation: operations.parse(  # type: ignore[misc]
                resource_type, {"Operations": [said]}
            )
        )
        assert text == f"Operations[0]: {path} is required; replace it"
