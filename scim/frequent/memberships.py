"""People join a group and leave it by one statement, if nothing else is asked of it."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from chatwork_admin.audit.recording import Actor
from chatwork_admin.synchronization import moves, strangers
from scim.documents import operations, resources
from scim.documents.member_changes import Meant, MemberChange, combined, searches
from scim.documents.patch import is_of_members
from scim.documents.preconditions import tag
from scim.documents.schemas import GROUP_TYPE
from scim.frequent.callers import ALLOWED, Ask, Caller, Write, Written, known, write


def asked(group_id: uuid.UUID, said: object) -> Write | None:
    sent = operations.parse(GROUP_TYPE, said)
    entries = [entry for each in sent.operations for entry in each.entries]
    if sent.ignored or resources.no_ids(entries):
        return None
    if not all(map(is_of_members, sent.operations)) or any(
        map(searches, sent.operations)
    ):
        return None
    change = combined(sent.operations, lambda *_: Meant())
    return None if change.replaces else partial(_move, group_id, change)


async def _move(
    group_id: uuid.UUID, change: MemberChange, caller: Caller, ask: Ask
) -> Written | None:
    calling = await known(caller, ask)
    if calling is None:
        return None
    organization_id, *token = calling
    caller.admit(organization_id)
    actor = caller.actor(*token)
    statement = moves.move(
        organization_id,
        group_id,
        joining=change.joining,
        leaving=change.leaving,
        allowed=ALLOWED,
        actor=actor,
    )
    for version, joined in await write(statement, calling, caller, ask):
        if joined < len(change.joining):
            await _note_strangers(statement[1], actor, ask)
        return 204, [("ETag", tag(version))], ""
    return None


async def _note_strangers(said: dict[str, Any], actor: Actor, ask: Ask) -> None:
    if unknown := await ask(strangers.UNKNOWN, said):
        await ask(*strangers.telling(said, unknown, actor))
