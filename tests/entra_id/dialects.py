"""The two ways Entra writes SCIM documents and PATCH operations, as functions from values to values.

"Known issues with SCIM 2.0 protocol compliance" describes both: the one every
app begins with, and the one of the flag aadOptscim062020 in the tenant URL.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.entra_id.attribute_paths import (
    CORE_USER,
    ENTERPRISE_USER,
    JsonObject,
    Value,
    parse_path,
    write,
)
from tests.entra_id.mapping import MANAGER, Attributes

PATCH_OPERATION = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
# Entra puts this second URN into every group it creates.
MICROSOFT_GROUP = (
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
)


class Dialect(StrEnum):
    LEGACY = "legacy"
    FLAGGED = "aadOptscim062020"


@dataclass(frozen=True)
class Change:
    """One attribute that the target shall have from now on; `old` is None when it had none."""

    path: str
    old: Value | None
    new: Value


def differences(old: Attributes, new: Attributes) -> list[Change]:
    """List what `new` says differently; an attribute only `old` has is left alone."""
    return [
        Change(path=path, old=old.get(path), new=value)
        for path, value in new.items()
        if old.get(path) != value
    ]


def spoken(value: Value, dialect: Dialect) -> Value:
    """Without the flag a boolean is the string that the Switch of the mapping returned."""
    if isinstance(value, bool) and dialect is Dialect.LEGACY:
        return str(value)
    return value


def user_document(attributes: Attributes, dialect: Dialect) -> JsonObject:
    """Write the body of POST /Users."""
    document: JsonObject = {"schemas": [CORE_USER, ENTERPRISE_USER]}
    for path, value in attributes.items():
        write(document, path, spoken(value, dialect))
    return {**document, "meta": {"resourceType": "User"}, "roles": []}


def group_document(attributes: Attributes) -> JsonObject:
    """Write the body of POST /Groups; members always follow in a PATCH."""
    return {
        "schemas": [CORE_GROUP, MICROSOFT_GROUP],
        **attributes,
        "meta": {"resourceType": "Group"},
        "members": [],
    }


def patch_document(operations: Sequence[JsonObject]) -> JsonObject:
    return {"schemas": [PATCH_OPERATION], "Operations": list(operations)}


def attribute_operations(
    changes: Sequence[Change], dialect: Dialect
) -> list[JsonObject]:
    """Write attribute changes of a user or of a group."""
    if dialect is Dialect.LEGACY:
        return [_legacy_operation(change) for change in changes]
    if [change.path for change in changes] == ["active"]:
        return [_flagged_operation(changes[0])]
    with_path = [one for one in changes if parse_path(one.path).is_value_path]
    grouped = {one.path: one.new for one in changes if one not in with_path}
    operations = [_flagged_operation(change) for change in with_path]
    return [*operations, {"op": "replace", "value": grouped}] if grouped else operations


def manager_operations(
    manager_id: str, dialect: Dialect, *, had_one: bool
) -> list[JsonObject]:
    """Write a manager reference.

    The legacy array under a path without URN is that of "Develop and plan
    provisioning for a SCIM endpoint"; the bare string is that of the gallery's
    validation template.
    """
    if dialect is Dialect.LEGACY:
        value = [{"$ref": None, "value": manager_id}]
        return [
            {"op": _verb(dialect, had_one=had_one), "path": "manager", "value": value}
        ]
    return [
        {"op": _verb(dialect, had_one=had_one), "path": MANAGER, "value": manager_id}
    ]


def member_additions(member_ids: Iterable[str], dialect: Dialect) -> list[JsonObject]:
    """Write members that join a group: one operation with a list in both dialects."""
    verb = _verb(dialect, had_one=False)
    return [{"op": verb, "path": "members", "value": _references(member_ids)}]


def member_removals(member_ids: Iterable[str], dialect: Dialect) -> list[JsonObject]:
    """Write members that leave a group.

    Without the flag Entra removes a list under the path `members`, which read
    by the letter of RFC 7644 §3.5.2.2 would empty the group.
    """
    if dialect is Dialect.LEGACY:
        return [{"op": "Remove", "path": "members", "value": _references(member_ids)}]
    return [
        {"op": "remove", "path": f'members[value eq "{one}"]'} for one in member_ids
    ]


def _legacy_operation(change: Change) -> JsonObject:
    return {
        "op": _verb(Dialect.LEGACY, had_one=change.old is not None),
        "path": change.path,
        "value": spoken(change.new, Dialect.LEGACY),
    }


def _flagged_operation(change: Change) -> JsonObject:
    verb = _verb(Dialect.FLAGGED, had_one=change.old is not None)
    return {"op": verb, "path": change.path, "value": change.new}


def _verb(dialect: Dialect, *, had_one: bool) -> str:
    verb = "Replace" if had_one else "Add"
    return verb if dialect is Dialect.LEGACY else verb.lower()


def _references(member_ids: Iterable[str]) -> list[JsonObject]:
    return [{"$ref": None, "value": member_id} for member_id in member_ids]
