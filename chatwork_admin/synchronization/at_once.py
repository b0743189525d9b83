"""What provisioning clients do most, in one statement each: create a user, change one.

It does all that `provisioning` does, event and deliveries included, and returns a row;
or nothing at all: where something is in the way, `provisioning` does it, or says why not.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, parameters, recorded
from chatwork_admin.database.statements import fetch, insertion_from
from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import User
from chatwork_admin.organizations.models.people import unusable_password
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.synchronization.admission import CREATING, LOGIN_EMAIL
from chatwork_admin.synchronization.attributes import (
    COLUMNS,
    Document,
    UserAttributes,
    differences,
    user_attributes,
)
from chatwork_admin.synchronization.succession import HOLDER, IS_NEW, PRESENT

Row = dict[str, Any]  # a user's columns, as `User` takes them
Statement = tuple[str, dict[str, Any]]
LICENSED = "SELECT %(licences)s::integer AS licences"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a change needs to know of a user who is linked and a member.

    `state` names the row as it was read (xmin): whoever writes it gives it another.
    """

    id: uuid.UUID
    organization_id: uuid.UUID
    state: str
    version: int
    document: Document
    user_name_key: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """What a user becomes."""

    version: int
    changed_at: datetime


def newcomer(
    organization_id: uuid.UUID,
    document: Document,
    attributes: UserAttributes,
    user_id: uuid.UUID | None = None,
) -> Row:
    """Return the row of somebody who is linked from the start."""
    now = timezone.now()
    return attributes.columns() | {
        "id": user_id or new_id(),
        "organization_id": organization_id,
        "password": unusable_password(),
        "last_login": None,
        "role": User.Role.MEMBER.value,
        "document": document,
        "linked_at": now,
        "created_at": now,
        "changed_at": now,
        "version": 1,
        "deleted_at": None,
        "session_epoch": 0,
    }


def create(row: Row, licences: int, *, actor: Actor) -> bool:
    """Have a newcomer inserted; return whether that was all there is to do."""
    statement, said = creation(row, LICENSED, actor=actor)
    return fetch(statement, said | {"licences": licences}) is not None


def creation(row: Row, allowed: str, *, actor: Actor) -> Statement:
    """Insert a newcomer, unless licences may run out, he was here, or his name is taken.

    Whoever has the name may be about to lose it: then the newcomer is he, come again.
    `allowed`: a query whose row, if any, says how many `licences` there are.
    """
    document = row["document"]
    event = parameters(
        Action.USER_PROVISIONED,
        organization_id=row["organization_id"],
        actor=actor,
        target=Target("user", str(row["id"]), row["user_name"]),
        changes=differences({}, document),
    )
    return _creating(allowed), row | event | {"document": _json(document)}


def change(
    kept: Kept, after: Document, *, actor: Actor
) -> tuple[Changed, Statement] | None:
    """Give a user another document, if he is as he was read; None if he is renamed.

    Raises NotAnEmail, TooLong.
    """
    attributes = user_attributes(after, is_active=kept.is_active)
    if attributes.user_name_key != kept.user_name_key:
        return None
    now = timezone.now()
    event = parameters(
        _action(kept.is_active, attributes.is_active),
        organization_id=kept.organization_id,
        actor=actor,
        target=Target("user", str(kept.id), attributes.user_name),
        changes=differences(kept.document, after),
    )
    said = attributes.columns() | event | _row(kept, after, now)
    return Changed(kept.version + 1, now), (_changing(), said)


def _row(kept: Kept, after: Document, now: datetime) -> dict[str, Any]:
    return {
        "id": kept.id,
        "organization_id": kept.organization_id,
        "state": kept.state,
        "document": _json(after),
        "now": now,
        "why": Why.SUSPENDED.value,
    }


def _action(was_active: bool, is_active: bool) -> Action:  # noqa: FBT001
    if was_active == is_active:
        return Action.USER_CHANGED
    return Action.USER_REACTIVATED if is_active else Action.USER_SUSPENDED


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


@cache
def _creating(allowed: str) -> str:
    return f"""
        WITH free AS (
            SELECT 1 FROM ({allowed}) AS allowed
            WHERE ({PRESENT}) + {CREATING} < allowed.licences
                AND {IS_NEW} AND NOT EXISTS ({HOLDER})
        ),
        newcomer AS (
            {insertion_from("free", User)}
            ON CONFLICT {LOGIN_EMAIL} DO NOTHING RETURNING 1
        ),
        {recorded("newcomer")}
        SELECT 1 FROM newcomer
    """  # noqa: S608 - names of our models


@cache
def _changing() -> str:
    assigned = ", ".join(f"{name} = %({name})s" for name in COLUMNS)
    return f"""
        WITH changed AS (
            UPDATE organizations_user
            SET {assigned}, document = %(document)s::jsonb, changed_at = %(now)s,
                version = version + 1,
                session_epoch = session_epoch + (NOT %(is_active)s)::integer
            WHERE id = %(id)s AND organization_id::text = %(organization_id)s::text
                AND xmin = %(state)s::xid
            RETURNING id, organization_id, is_active
        ),
        cut_off AS (
            UPDATE organizations_usersession session
            SET ended_at = %(now)s, ended_why = %(why)s
            FROM changed
            WHERE NOT changed.is_active AND session.ended_at IS NULL
                AND session.organization_id = changed.organization_id
                AND session.user_id = changed.id
        ),
        {recorded("changed")}
        SELECT 1 FROM changed
    """  # noqa: S608 - names of our models
