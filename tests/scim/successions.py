"""Somebody who was deleted, and what came of him."""

from __future__ import annotations

from typing import Any

from chatwork_admin.audit.actions import Action
from tests.scim.conftest import USERS, Provisioning

OBJECT_ID = "8c5a4d2e-0b7f-4a51-9d3c-1f2e3a4b5c6d"
TARO, JIRO = "taro@example.jp", "jiro@example.jp"
AGAIN = [Action.USER_PROVISIONED, Action.USER_RESTORED]


def deleted(entra: Provisioning, user_name: str = "a@example.jp", **more: Any) -> str:
    """The id of somebody who was created, became a member, and was deleted."""
    user = entra.create(user_name, **more)
    entra.create_group(f"team of {user}", user)
    assert entra.delete(f"{USERS}/{user}").status == 204
    return user


def teams(entra: Provisioning, user: str) -> list[str]:
    shown = entra.get(f"{USERS}/{user}").body.get("groups", [])
    return [each["display"] for each in shown]
