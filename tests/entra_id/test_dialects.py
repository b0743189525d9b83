import pytest

from tests.entra_id.attribute_paths import CORE_USER, ENTERPRISE_USER
from tests.entra_id.dialects import (
    Change,
    Dialect,
    attribute_operations,
    differences,
    group_document,
    manager_operations,
    member_additions,
    member_removals,
    user_document,
)
from tests.entra_id.mapping import Attributes

DEPARTMENT = f"{ENTERPRISE_USER}:department"
WORK_EMAIL = 'emails[type eq "work"].value'


def test_without_the_flag_every_attribute_has_an_operation_of_its_own() -> None:
    changes = [
        Change("title", old="主任", new="課長"),
        Change(DEPARTMENT, old=None, new="営業部"),
        Change("active", old=True, new=False),
    ]

    assert attribute_operations(changes, Dialect.LEGACY) == [
        {"op": "Replace", "path": "title", "value": "課長"},
        {"op": "Add", "path": DEPARTMENT, "value": "営業部"},
        {"op": "Replace", "path": "active", "value": "False"},
    ]


def test_with_the_flag_attributes_share_one_operation_without_path() -> None:
    changes = [
        Change("active", old=False, new=True),
        Change("name.givenName", old="太郎", new="次郎"),
        Change(DEPARTMENT, old=None, new="営業部"),
        Change(WORK_EMAIL, old=None, new="jiro@example.jp"),
    ]

    assert attribute_operations(changes, Dialect.FLAGGED) == [
        {"op": "add", "path": WORK_EMAIL, "value": "jiro@example.jp"},
        {
            "op": "replace",
            "value": {"active": True, "name.givenName": "次郎", DEPARTMENT: "営業部"},
        },
    ]


def test_with_the_flag_a_suspension_is_a_boolean_under_its_path() -> None:
    operations = attribute_operations(
        [Change("active", old=True, new=False)], Dialect.FLAGGED
    )

    assert operations == [{"op": "replace", "path": "active", "value": False}]


def test_members_leave_by_a_list_without_the_flag_and_by_filters_with_it() -> None:
    assert member_removals(["1", "2"], Dialect.LEGACY) == [
        {
            "op": "Remove",
            "path": "members",
            "value": [{"$ref": None, "value": "1"}, {"$ref": None, "value": "2"}],
        }
    ]
    assert member_removals(["1", "2"], Dialect.FLAGGED) == [
        {"op": "remove", "path": 'members[value eq "1"]'},
        {"op": "remove", "path": 'members[value eq "2"]'},
    ]


@pytest.mark.parametrize(
    ("dialect", "verb"), [("legacy", "Add"), ("aadOptscim062020", "add")]
)
def test_members_join_by_a_list_in_both_dialects(dialect: str, verb: str) -> None:
    assert member_additions(["1"], Dialect(dialect)) == [
        {"op": verb, "path": "members", "value": [{"$ref": None, "value": "1"}]}
    ]


def test_a_manager_is_an_array_without_the_flag_and_a_bare_string_with_it() -> None:
    assert manager_operations("7", Dialect.LEGACY, had_one=False) == [
        {"op": "Add", "path": "manager", "value": [{"$ref": None, "value": "7"}]}
    ]
    assert manager_operations("7", Dialect.FLAGGED, had_one=True) == [
        {"op": "replace", "path": f"{ENTERPRISE_USER}:manager", "value": "7"}
    ]


def test_a_new_user_is_one_nested_document() -> None:
    attributes: Attributes = {
        "userName": "taro@example.jp",
        "active": True,
        "name.givenName": "太郎",
        'addresses[type eq "work"].locality': "大阪市",
        'addresses[type eq "work"].country': "JP",
        DEPARTMENT: "営業部",
    }

    assert user_document(attributes, Dialect.LEGACY) == {
        "schemas": [CORE_USER, ENTERPRISE_USER],
        "userName": "taro@example.jp",
        "active": "True",
        "name": {"givenName": "太郎"},
        "addresses": [{"type": "work", "locality": "大阪市", "country": "JP"}],
        ENTERPRISE_USER: {"department": "営業部"},
        "meta": {"resourceType": "User"},
        "roles": [],
    }
    assert user_document(attributes, Dialect.FLAGGED)["active"] is True


def test_a_new_group_has_a_second_schema_and_no_members() -> None:
    document = group_document({"displayName": "営業部", "externalId": "1"})

    assert len(document["schemas"]) == 2
    assert document["members"] == []


def test_an_attribute_that_was_cleared_is_not_a_difference() -> None:
    old: Attributes = {"title": "主任", "active": True}

    assert differences(old, {"active": True}) == []
    assert differences(old, {"active": False}) == [
        Change("active", old=True, new=False)
    ]
