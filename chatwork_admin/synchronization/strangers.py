"""Whoever is to join a group and is nobody here is left out (row H9), and that is said:
in the log each time, to the administrator once a day for each of them.
"""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from functools import cache
from typing import Any

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, parameters, recorded
from chatwork_admin.database.statements import execute, fetch_all
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.synchronization.moves import listed

logger = logging.getLogger(__name__)

TOLD_FOR = timedelta(days=1)
MOST = 10  # are named at a time
MOST_TOLD = 5  # times a day, of one group
# Asked when whoever could join has joined: who of those meant is no member even now.
UNKNOWN = """
    SELECT meant.id::text FROM unnest(%(joining)s::uuid[]) AS meant (id)
    WHERE NOT EXISTS (
        SELECT 1 FROM organizations_membership
        WHERE organization_id = %(organization_id)s AND group_id = %(group)s
            AND user_id = meant.id
    )
"""
# Whoever was named lately is not named again, nor is it said twice that there were texts
# which are no ids.
UNTOLD = f"""
    lately AS (
        SELECT context FROM audit_auditevent
        WHERE organization_id = %(event_organization_id)s
            AND action = %(event_action)s AND id >= %(since)s
            AND target -> 'id' = %(event_target)s::jsonb -> 'id'
    ),
    new AS (
        SELECT id FROM unnest(%(unknown)s::text[]) AS meant (id)
        WHERE NOT EXISTS (SELECT 1 FROM lately WHERE context -> 'unknown' ? id)
        ORDER BY id LIMIT {MOST}
    ),
    untold AS (
        SELECT display_name, (SELECT jsonb_agg(id) FROM new) AS named
        FROM organizations_group
        WHERE organization_id = %(event_organization_id)s AND id = %(group)s
            AND (SELECT count(*) FROM lately) < {MOST_TOLD}
            AND (EXISTS (SELECT 1 FROM new) OR %(no_ids)s > 0 AND NOT EXISTS (
                SELECT 1 FROM lately WHERE context ? 'no_ids'
            ))
    )
"""  # noqa: S608 - numbers of ours
SAID = {
    "target": "%(event_target)s::jsonb || jsonb_build_object('label', display_name)",
    "context": """%(event_context)s::jsonb
        || jsonb_strip_nulls(jsonb_build_object('unknown', named))""",
}
Statement = tuple[str, dict[str, Any]]


def note(
    here: dict[str, uuid.UUID], joining: str, no_ids: int = 0, *, actor: Actor
) -> None:
    """Say who of those that were to join is nobody here: no member even now.

    `no_ids`: how many more were named by what cannot be an id.
    """
    unknown = fetch_all(UNKNOWN, here | {"joining": joining})
    if unknown or no_ids:
        execute(*telling(here, unknown, actor, no_ids))


def telling(
    here: dict[str, uuid.UUID], unknown: list[tuple[str]], actor: Actor, no_ids: int = 0
) -> Statement:
    """Log who is unknown; return what records it, as far as nothing did so lately."""
    ids = sorted(user_id for (user_id,) in unknown)
    left_out, group = len(ids) + no_ids, here["group"]
    _log(here, left_out, ids[:MOST])
    event = parameters(
        Action.MEMBERS_UNKNOWN,
        organization_id=here["organization_id"],
        actor=actor,
        target=Target("group", str(group), ""),
        context={"left_out": left_out} | ({"no_ids": no_ids} if no_ids else {}),
    )
    since = first_id_at(timezone.now() - TOLD_FOR)
    asked = {"group": group, "since": since, "unknown": listed(ids), "no_ids": no_ids}
    return _telling(), event | asked


def _log(here: dict[str, uuid.UUID], left_out: int, named: list[str]) -> None:
    logger.info(
        "unknown members left out",
        extra={
            "count": left_out,
            "members": named,
            "group": str(here["group"]),
            "organization": str(here["organization_id"]),
        },
    )


@cache
def _telling() -> str:
    return f"WITH {UNTOLD}, {recorded('untold', **SAID)} SELECT 1"
