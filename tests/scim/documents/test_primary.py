"""One value of an attribute is the primary one (RFC 7643 §2.4, RFC 7644 §3.5.2; row F30)."""

from __future__ import annotations

import pytest

from scim.documents.schemas import InvalidAttribute
from tests.scim.conftest import Document
from tests.scim.documents.patching import op, patched

HOME = {"type": "home", "value": "h@example.jp"}
WORK = {"type": "work", "value": "w@example.jp"}
OTHER_WORK = {"type": "work", "value": "w2@example.jp"}
MARKED = {"primary": True}
AT_WORK = 'emails[type eq "work"]'


def user(*emails: Document) -> Document:
    return {"userName": "a@example.jp", "active": True, "emails": [*emails]}


@pytest.mark.parametrize("was", [{}, MARKED])
@pytest.mark.parametrize("name", ["add", "replace"])
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("emails.primary", "True"),
        (f"{AT_WORK}.primary", "True"),
        (AT_WORK, MARKED),
        ('emails[value sw "w" or primary eq true].primary', "True"),
    ],
)
def test_an_operation_that_would_mark_several_is_refused(
    name: str, path: str, value: object, was: Document
) -> None:
    before = user(HOME, WORK | was, OTHER_WORK)

    with pytest.raises(InvalidAttribute, match="emails has more than one primary"):
        patched(op("add", "title", "T"), op(name, path, value), before=before)


def test_each_path_in_a_value_is_asked() -> None:
    """Row F6."""
    said = {'emails[type eq "home"].primary': True, f"{AT_WORK}.primary": True}

    with pytest.raises(InvalidAttribute, match="emails has more than one primary"):
        patched(op("replace", None, said), before=user(HOME, WORK, OTHER_WORK))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ('emails[value eq "w@example.jp"].primary', "True"),
        (AT_WORK, MARKED),
        (f"{AT_WORK}.primary", "True"),
        ('emails[primary ne true and type eq "work"].primary', "True"),
    ],
)
def test_one_that_means_one_unmarks_the_others(path: str, value: object) -> None:
    after = patched(op("replace", path, value), before=user(HOME | MARKED, WORK))

    assert after["emails"] == [HOME | {"primary": False}, WORK | MARKED]


def test_the_last_of_several_operations_decides() -> None:
    """§3.5.2: each is applied to what the one before it has left."""
    after = patched(
        op("replace", f"{AT_WORK}.primary", "True"),
        op("replace", 'emails[type eq "home"].primary', "True"),
        op("remove", 'emails[type eq "home"]'),
        op("add", "emails.primary", "True"),
        before=user(HOME, WORK),
    )

    assert after["emails"] == [WORK | MARKED]


def test_several_may_be_told_that_they_are_not() -> None:
    after = patched(
        op("replace", "emails.primary", "False"), before=user(HOME | MARKED, WORK)
    )

    assert after["emails"] == [each | {"primary": False} for each in (HOME, WORK)]
