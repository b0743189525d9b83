"""Whoever is to join a group and is nobody here is left out (row H9), and that is said:
in the log each time, to the administrator once a day for each group.
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

logger = logging.getLogger(__name__)

TOLD_FOR = timedelta(days=1)
MOST = 10  # are named
# Asked when whoever could join has joined: who of those meant is no member even now.
UNKNOWN = """
    SELECT meant.id::text FROM unnest(%(joining)s::uuid[]) AS meant (id)
    WHERE NOT EXISTS (
        SELECT 1 FROM organizations_membership
        WHERE organization_id = %(organization_id)s AND group_id = %(group)s
            AND user_id = meant.id
    )
"""
UNTOLD = """
    SELECT display_name FROM organizations_group
    WHERE organization_id = %(event_organization_id)s AND id = %(group)s
        AND NOT EXISTS (
            SELECT 1 FROM audit_auditevent
            WHERE organization_id = %(event_organization_id)s
                AND action = %(event_action)s AND id >= %(since)s
                AND target -> 'id' = %(event_target)s::jsonb -> 'id'
        )
"""
NAMED = "%(event_target)s::jsonb || jsonb_build_object('label', display_name)"
Statement = tuple[str, dict[str, Any]]


def note(here: dict[str, uuid.UUID], joining: str, *, actor: Actor) -> None:
    """Say who of those that were to join is nobody here: no member even now."""
    if unknown := fetch_all(UNKNOWN, here | {"joining": joining}):
        execute(*telling(here, unknown, actor))


def telling(
    here: dict[str, uuid.UUID], unknown: list[tuple[str]], actor: Actor
) -> Statement:
    """Log who is unknown; return what records it, if nothing did so lately."""
    named = sorted(user_id for (user_id,) in unknown)[:MOST]
    organization_id, group = here["organization_id"], here["group"]
    logger.info(
        "unknown members left out",
        extra={
            "count": len(unknown),
            "members": named,
            "group": str(group),
            "organization": str(organization_id),
        },
    )
    event = parameters(
        Action.MEMBERS_UNKNOWN,
        organization_id=organization_id,
        actor=actor,
        target=Target("group", str(group), ""),
        context={"left_out": len(unknown), "unknown": named},
    )
    since = first_id_at(timezone.now() - TOLD_FOR)
    return _telling(), event | {"group": group, "since": since}


@cache
def _telling() -> str:
    said = recorded("untold", target=NAMED)
    return f"WITH untold AS ({UNTOLD}), {said} SELECT 1"
