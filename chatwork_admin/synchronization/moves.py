"""People join groups and leave them: the statements, and all of a change in one of them.

That one does all that `grouping` does where only members change, event and deliveries
included; or nothing, where the group is not there, or somebody is not allowed to, or is
to leave who is in the recycle bin.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, parameters, recorded

# Locked, in one order, so that nobody joins who is being deleted at this moment. Who is
# a member already is asked once of them all: by a join, each would be looked for among
# them all wherever PostgreSQL expects one.
JOINING = """
    joining AS (
        SELECT id FROM organizations_user
        WHERE organization_id = %(organization_id)s AND deleted_at IS NULL {condition}
            AND id = ANY(ARRAY(
                SELECT unnest(%(joining)s::uuid[]) EXCEPT
                SELECT user_id FROM organizations_membership
                WHERE organization_id = %(organization_id)s AND group_id = %(group)s
                    AND user_id = ANY(%(joining)s::uuid[])
            ))
        ORDER BY id FOR NO KEY UPDATE
    )
"""
JOIN = """
    INSERT INTO organizations_membership (organization_id, group_id, user_id)
    SELECT %(organization_id)s, %(group)s, id FROM joining RETURNING user_id::text
"""
LEAVE = """
    DELETE FROM organizations_membership
    WHERE organization_id = %(organization_id)s AND group_id = %(group)s {condition}
        AND user_id = ANY(%(leaving)s::uuid[])
    RETURNING user_id::text
"""
# The row that is locked first, as by `grouping`. Who was read before somebody else had it
# is joined twice, which a unique index refuses: then all is done anew, by `grouping`.
HELD = """
    held AS (
        SELECT version FROM organizations_group
        WHERE organization_id::text = %(organization_id)s::text AND id = %(group)s
            AND EXISTS ({allowed}) AND NOT EXISTS (
                SELECT 1 FROM synchronization_tombstone
                WHERE user_id = ANY(%(leaving)s::uuid[])
            )
        FOR NO KEY UPDATE
    )
"""
IF_HELD = "AND EXISTS (SELECT 1 FROM held)"
MOVED = """
    moved AS (
        SELECT (SELECT jsonb_agg(user_id) FROM joined) AS joined,
            (SELECT jsonb_agg(user_id) FROM gone) AS gone
    ),
    changed AS (
        UPDATE organizations_group SET version = version + 1, changed_at = %(now)s
        FROM moved
        WHERE organization_id = %(organization_id)s AND id = %(group)s
            AND (joined IS NOT NULL OR gone IS NOT NULL)
        RETURNING display_name, version, joined, gone
    )
"""
NUMBERS = """
    '+' || coalesce(jsonb_array_length(joined), 0)
        || ' -' || coalesce(jsonb_array_length(gone), 0)
"""
RECORDED = {
    "target": "%(event_target)s::jsonb || jsonb_build_object('label', display_name)",
    "changes": f"""jsonb_build_array(jsonb_build_object(
        'attribute', 'members', 'before', NULL, 'after', {NUMBERS}))""",
    "context": """%(event_context)s::jsonb
        || jsonb_strip_nulls(jsonb_build_object('joined', joined, 'left', gone))""",
}


def move(
    organization_id: uuid.UUID,
    group_id: uuid.UUID,
    *,
    joining: Iterable[uuid.UUID],
    leaving: Iterable[uuid.UUID],
    allowed: str,
    actor: Actor,
) -> tuple[str, dict[str, Any]]:
    """Return what changes a group's members and says its version, and how many joined.

    `allowed`: a query that has a row if this may be done.
    """
    event = parameters(
        Action.GROUP_CHANGED,
        organization_id=organization_id,
        actor=actor,
        target=Target("group", str(group_id), ""),
    )
    return _moving(allowed), event | {
        "organization_id": organization_id,
        "group": group_id,
        "joining": listed(joining),
        "leaving": listed(leaving),
        "now": timezone.now(),
    }


def listed(ids: Iterable[uuid.UUID | str]) -> str:
    """Return ids as PostgreSQL reads an array of them."""
    return f"{{{','.join(map(str, ids))}}}"


@cache
def _moving(allowed: str) -> str:
    return f"""
        WITH {HELD.format(allowed=allowed)},
        {JOINING.format(condition=IF_HELD)},
        joined AS ({JOIN}),
        gone AS ({LEAVE.format(condition=IF_HELD)}),
        {MOVED},
        {recorded("changed", **RECORDED)}
        SELECT coalesce(changed.version, held.version),
            coalesce(jsonb_array_length(changed.joined), 0)
        FROM held LEFT JOIN changed ON true
    """  # noqa: S608 - constants
