"""A user is changed by two statements: who is meant, and what he becomes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

import orjson

from chatwork_admin.authorization.tokens import WELL_KNOWN
from chatwork_admin.organizations.models import User
from chatwork_admin.synchronization import at_once
from chatwork_admin.synchronization.attributes import Document
from scim import prepared
from scim.documents import operations, patch, resources
from scim.documents.schemas import USER_TYPE
from scim.frequent.callers import Ask, Caller, Write, Written
from scim.frequent.questions import COLUMNS, MANY
from scim.frequent.requests import shown

# Only whom `at_once` may change.
MEANT = f"""
    SELECT caller.organization_id, caller.caller_id, caller.caller_name,
        u.xmin::text, u.user_name_key, u.is_active, {COLUMNS}
    FROM ({WELL_KNOWN}) AS caller
    JOIN organizations_user u
        ON u.organization_id::text = caller.organization_id::text
    WHERE u.id = %(key)s AND u.deleted_at IS NULL
        AND u.linked_at IS NOT NULL AND u.role = '{User.Role.MEMBER}'
"""  # noqa: S608 - constants


def _patch(user_id: uuid.UUID, said: object) -> Write | None:
    sent = operations.parse(USER_TYPE, said)
    patched = partial(patch.patch_user, operations=sent.operations)
    return None if sent.ignored else partial(_change, user_id, patched)


def _put(user_id: uuid.UUID, said: object) -> Write | None:
    sent = resources.parse_user(said)
    replaced = partial(resources.keeping_active, after=sent.document)
    return None if sent.ignored else partial(_change, user_id, replaced)


ASKED = {"PATCH": _patch, "PUT": _put}


async def _change(
    user_id: uuid.UUID,
    change: Callable[[Document], Document],
    caller: Caller,
    ask: Ask,
) -> Written | None:
    found = await ask(MEANT, prepared.asking(digest=caller.digest, key=user_id))
    if not found or found[0][-1] == MANY:
        return None
    organization_id, *token, state, user_name_key, is_active = found[0][:6]
    _, version, text, created, _, groups = found[0][6:]
    caller.admit(organization_id)
    if not caller.expects(version):
        return None
    before = orjson.loads(text)
    after = change(before)
    if after == before:
        return shown(200, prepared.composed(*found[0][6:]))
    kept = at_once.Kept(
        user_id, organization_id, state, version, before, user_name_key, is_active
    )
    changed = at_once.change(kept, after, actor=caller.actor(*token))
    if changed is None:
        return None
    became, statement = changed
    times = created, str(became.changed_at)
    user = prepared.written(user_id, became.version, after, *times, groups)
    return shown(200, user) if await ask(*statement) else None
