"""A user is created by one statement, if nothing is in the way."""

from __future__ import annotations

from functools import partial

from chatwork_admin.synchronization import at_once
from chatwork_admin.synchronization.attributes import Document, user_attributes
from scim import prepared
from scim.documents import resources
from scim.frequent.callers import ALLOWED, KNOWN, Ask, Caller, Write, known


def asked(said: object) -> Write | None:
    reading = resources.parse_user(said)
    return None if reading.ignored else partial(_create, reading.document)


async def _create(
    document: Document, caller: Caller, ask: Ask
) -> prepared.Composed | None:
    calling = KNOWN.get(caller.digest) or await known(caller, ask)
    if calling is None:
        return None
    organization_id, caller_id, caller_name = calling
    caller.admit(organization_id)
    document = {"active": True} | document
    row = at_once.newcomer(organization_id, document, user_attributes(document))
    created = resources.instant(row["created_at"])
    shown = prepared.written(row["id"], 1, document, created, created, None)
    actor = caller.actor(caller_id, caller_name)
    statement, said = at_once.creation(row, ALLOWED, actor=actor)
    said |= {
        "digest": caller.digest,
        "caller_id": caller_id,
        "caller_name": caller_name,
    }
    if await ask(statement, said):
        return shown
    KNOWN.pop(caller.digest, None)
    return None
