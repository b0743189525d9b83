"""Operations of PATCH on a user that is known."""

from __future__ import annotations

from typing import Any

from scim.documents import operations, patch
from scim.documents.schemas import USER_TYPE
from tests.scim.conftest import (
    ENTERPRISE,
    PATCH_OP,
    Document,
)

BEFORE: Document = {
    "userName": "a@example.jp",
    "active": True,
    "title": "T",
    "name": {"familyName": "山田", "givenName": "花子"},
    "emails": [{"type": "home", "value": "h@example.jp", "primary": True}],
    ENTERPRISE: {
        "department": "D",
        "manager": {"value": "1", "$ref": "../Users/1"},
    },
}


HOME = BEFORE["emails"][0]


MANAGER = f"{ENTERPRISE}:manager"


def patched(*sent: object, before: Document = BEFORE, **envelope: object) -> Document:
    body = {"schemas": [PATCH_OP], "Operations": list(sent), **envelope}
    request = operations.parse(USER_TYPE, body)
    return patch.patch_user(before, request.operations)


def op(name: str, path: str | None, *value: object) -> Document:
    said: Document = {"op": name} | ({"path": path} if path else {})
    return said | ({"value": value[0]} if value else {})


def changed(**attributes: Any) -> Document:
    after = BEFORE | attributes
    return {name: value for name, value in after.items() if value is not None}


def enterprise(**attributes: Any) -> Document:
    after = BEFORE[ENTERPRISE] | attributes
    return changed(**{ENTERPRISE: {k: v for k, v in after.items() if v is not None}})


WORK = {"type": "work", "value": "w@example.jp"}
