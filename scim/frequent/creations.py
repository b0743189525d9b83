"""A user is created by one statement, if nothing is in the way."""

from __future__ import annotations

from functools import partial

from chatwork_admin.synchronization import at_once
from chatwork_admin.synchronization.attributes import Document, user_attributes
from scim import prepared
from scim.documents import resources
from scim.frequent.callers import ALLOWED, Ask, Caller, Write, Written, known, write
from scim.frequent.requests import shown


def asked(said: object) -> Write | None:
    reading = resources.parse_user(said)
    return None if reading.ignored else partial(_create, reading.document)


async def _create(document: Document, caller: Caller, ask: Ask) -> Written | None:
    calling = await known(caller, ask)
    if calling is None:
        return None
    organization_id, *token = calling
    caller.admit(organization_id)
    document = {"active": True} | document
    row = at_once.newcomer(organization_id, document, user_attributes(document))
    created = str(row["created_at"])
    user = prepared.written(row["id"], 1, document, created, created, None)
    statement = at_once.creation(row, ALLOWED, actor=caller.actor(*token))
    rows = await write(statement, calling, caller, ask)
    return shown(201, user) if rows else None
