"""What Entra, Okta and OneLogin send in a PATCH (rows F1-F39), as recorded requests."""

from __future__ import annotations

import pytest

from scim.documents import operations, patch, resources
from scim.documents.dialects import unquoted_literals
from scim.documents.schemas import USER_TYPE
from tests.scim.conftest import (
    CORE,
    ENTERPRISE,
    PATCH_OP,
    USERS,
    Document,
    Provisioning,
)
from tests.scim.documents.patching import (
    BEFORE,
    HOME,
    MANAGER,
    WORK,
    changed,
    enterprise,
    op,
    patched,
)

ROWS: dict[str, tuple[list[Document], Document]] = {
    "F1 text boolean": ([op("Replace", "active", "False")], changed(active=False)),
    "F23 active": ([op("Remove", "active")], changed(active=None)),
    "F23 active by null": ([op("replace", "active", None)], changed(active=None)),
    "F2 add on a single value": ([op("Add", "active", "True")], BEFORE),
    "F2 add replaces": (
        [op("Add", "displayName", "X"), op("Add", "displayName", "Y")],
        changed(displayName="Y"),
    ),
    "F3 boolean": (
        [{"op": "replace", "path": "active", "value": False}],
        changed(active=False),
    ),
    "F4 op in capitals": ([op("REPLACE", "title", "U")], changed(title="U")),
    "F5 no path": (
        [op("replace", None, {"active": False, "displayName": "X"})],
        changed(active=False, displayName="X"),
    ),
    "F6 dotted and qualified keys": (
        [
            op(
                "replace",
                None,
                {
                    "displayName": "X",
                    "name.givenName": "太郎",
                    f"{ENTERPRISE}:employeeNumber": "42",
                    'emails[type eq "work"].value': "w@example.jp",
                },
            )
        ],
        enterprise(employeeNumber="42")
        | {
            "displayName": "X",
            "name": {"familyName": "山田", "givenName": "太郎"},
            "emails": [HOME, WORK],
        },
    ),
    "F7 nested keys merge": (
        [
            op(
                "replace",
                None,
                {"name": {"givenName": "A"}, ENTERPRISE: {"division": "V"}},
            )
        ],
        enterprise(division="V") | {"name": {"familyName": "山田", "givenName": "A"}},
    ),
    "F8 an entry that is there": (
        [op("Replace", 'emails[type eq "home"].value', "n@example.jp")],
        changed(emails=[HOME | {"value": "n@example.jp"}]),
    ),
    "F9 an entry that is not": (
        [op("Replace", 'emails[type eq "work"].value', "w@example.jp")],
        changed(emails=[HOME, WORK]),
    ),
    "F9 added": (
        [op("Add", 'emails[type eq "work"].value', "w@example.jp")],
        changed(emails=[HOME, WORK]),
    ),
    "F10 quoted boolean": (
        [op("Add", 'roles[primary eq "True"].value', "Admin")],
        changed(roles=[{"primary": True, "value": "Admin"}]),
    ),
    "F10 primary": (
        [op("Replace", "emails[primary eq true].value", "n@example.jp")],
        changed(emails=[HOME | {"value": "n@example.jp"}]),
    ),
    "F10 type and primary": (
        [op("Add", 'phoneNumbers[type eq "work" and primary eq true].value', "1")],
        changed(phoneNumbers=[{"type": "work", "primary": True, "value": "1"}]),
    ),
    "F11 one new entry for several parts": (
        [
            op("Add", 'addresses[type eq "work"].streetAddress', "1-2-3"),
            op("Add", 'addresses[type eq "work"].locality', "東京"),
            op("Add", 'addresses[type eq "other"].formatted', "Desk 9"),
        ],
        changed(
            addresses=[
                {"type": "work", "streetAddress": "1-2-3", "locality": "東京"},
                {"type": "other", "formatted": "Desk 9"},
            ]
        ),
    ),
    "F12 append": ([op("Add", "emails", [WORK])], changed(emails=[HOME, WORK])),
    "F12 one object": ([op("Add", "emails", WORK)], changed(emails=[HOME, WORK])),
    "F12 no duplicate": (
        [op("Add", "emails", [{"type": "home", "value": "h@example.jp"}])],
        BEFORE,
    ),
    "F13 whole list": ([op("Replace", "emails", [WORK])], changed(emails=[WORK])),
    "F14 part of an absent complex attribute": (
        [op("Remove", "name"), op("Add", "name.givenName", "太郎")],
        changed(name={"givenName": "太郎"}),
    ),
    "F15 colon path": (
        [op("Add", f"{ENTERPRISE}:department", "E")],
        enterprise(department="E"),
    ),
    "F16 dot path": (
        [op("Add", f"{ENTERPRISE}.department", "E")],
        enterprise(department="E"),
    ),
    "F17 the extension itself": (
        [op("Replace", ENTERPRISE, {"department": "E"})],
        enterprise(department="E"),
    ),
    "F17 core prefix": (
        [op("Replace", f"{CORE}:displayName", "X")],
        changed(displayName="X"),
    ),
    "F18 bare name": ([op("Add", "department", "E")], enterprise(department="E")),
    "F19 manager in a list": (
        [op("Add", "manager", [{"$ref": "http://x/2", "value": "2"}])],
        enterprise(manager={"$ref": "http://x/2", "value": "2"}),
    ),
    "F20 manager as a text": (
        [op("replace", MANAGER, "2")],
        enterprise(manager={"value": "2"}),
    ),
    "F21 manager emptied": ([op("replace", MANAGER, "")], enterprise(manager=None)),
    "F21 manager nulled": ([op("replace", MANAGER, None)], enterprise(manager=None)),
    "F21 manager removed": ([op("Remove", MANAGER)], enterprise(manager=None)),
    "F22 empty text": ([op("replace", "title", "")], changed(title=None)),
    "F22 null": ([op("replace", "title", None)], changed(title=None)),
    "F22 empty part of an entry": (
        [op("replace", 'emails[type eq "home"].value', "")],
        changed(emails=None),
    ),
    "F23 remove with a value": ([op("Remove", "title", "T")], changed(title=None)),
    "F23 remove what is absent": ([op("Remove", "nickName")], BEFORE),
    "F24 remove an entry": (
        [op("Remove", 'emails[type eq "home"]')],
        changed(emails=None),
    ),
    "F24 remove what a filter does not find": (
        [op("Remove", 'emails[type eq "work"].value')],
        BEFORE,
    ),
    "F28 unknown attribute": ([op("Add", "favouriteColour", "red")], BEFORE),
    "F28 unknown extension": ([op("Add", "urn:custom:2.0:User:x", "y")], BEFORE),
    "F29 read-only inside a value": (
        [op("replace", None, {"id": "x", "schemas": [], "meta": {}, "title": "U"})],
        changed(title="U"),
    ),
    "F30 a primary of nothing": (
        [op("Replace", 'emails[type eq "other"].primary', "True")],
        BEFORE,
    ),
    "F30 a primary of nothing beside others": (
        [op("Add", "emails", [{"type": "other", "primary": True}, WORK])],
        changed(emails=[HOME, WORK]),
    ),
    "F30 no primary any more": (
        [op("Replace", "emails[primary eq true].primary", "False")],
        changed(emails=[HOME | {"primary": False}]),
    ),
    "F30 a new primary": (
        [op("Add", "emails", [WORK | {"primary": True}])],
        changed(emails=[HOME | {"primary": False}, WORK | {"primary": True}]),
    ),
    "F31 already there": ([op("add", "title", "T")], BEFORE),
    "F35 keys in any letter case": (
        [op("Add", "EMAILS", {"Type": "work", "VALUE": "w@example.jp"})],
        changed(emails=[HOME, WORK]),
    ),
    "F39 one operation each": (
        [op("Replace", "title", "U"), op("Add", "nickName", "N")],
        changed(title="U", nickName="N"),
    ),
    "H5 remove by list": (
        [op("Remove", "emails", [{"value": "h@example.jp", "$ref": None}])],
        changed(emails=None),
    ),
    "L8 OneLogin's manager": (
        [op("replace", "manager", {"managerId": "9"})],
        enterprise(manager={"value": "9"}),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_what_a_client_sends_comes_to_what_the_rfc_says(row: str) -> None:
    """RFC 7644 §3.5.2.1, §3.5.2.2, §3.5.2.3."""
    sent, after = ROWS[row]

    assert patched(*sent) == after


@pytest.mark.parametrize("schemas", [None, [], [PATCH_OP.upper()], ["urn:other"], "x"])
def test_the_schemas_of_a_patch_request_may_be_missing(schemas: object) -> None:
    after = patched(op("add", "title", "U"), schemas=schemas)

    assert after == changed(title="U")


def test_operations_may_be_spelled_in_any_letter_case() -> None:
    """Row F38."""
    body = {"operations": [{"OP": "add", "Path": "title", "VALUE": "U"}]}

    request = operations.parse(USER_TYPE, body)

    assert patch.patch_user(BEFORE, request.operations) == changed(title="U")


def test_what_was_before_is_left_as_it_was() -> None:
    before = {"userName": "a@example.jp", "active": True, "emails": [dict(HOME)]}

    patched(op("replace", "emails", [WORK]), before=before)

    assert before["emails"] == [HOME]


def test_a_pair_of_type_and_value_is_kept_once() -> None:
    """RFC 7643 §2.4; row D13."""
    reading = resources.parse_user(
        {
            "userName": "a@example.jp",
            "emails": [WORK, WORK | {"primary": "True"}, WORK | {"value": "2"}],
        }
    )

    assert reading.document["emails"] == [
        WORK | {"primary": True},
        WORK | {"value": "2"},
    ]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("userName sw O", 'userName sw "O"'),
        ("externalId eq jyoung", 'externalId eq "jyoung"'),
        ("active eq True", "active eq True"),
        ("title eq null", "title eq null"),
        ('title eq "a b"', 'title eq "a b"'),
        ('title eq "eq x"', 'title eq "eq x"'),
        ("(title  eq x)", '(title  eq "x")'),
        ("emails[type eq work]", 'emails[type eq "work"]'),
        ('title eq "open', 'title eq "open'),
    ],
)
def test_a_bare_word_in_a_filter_is_a_literal(sent: str, meant: str) -> None:
    assert unquoted_literals(sent) == meant


def test_an_operation_may_select_by_a_bare_word(entra: Provisioning) -> None:
    """Row E10, in the path of an operation."""
    user = entra.create(emails=[{"type": "work", "value": "a@x"}])

    answer = entra.patch(
        f"{USERS}/{user}",
        {"op": "replace", "path": "emails[type eq work].value", "value": "b@x"},
    )

    assert answer.body["emails"] == [{"type": "work", "value": "b@x"}]
