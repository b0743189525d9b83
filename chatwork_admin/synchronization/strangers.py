"""Whoever is to join a group and is nobody here is left out, and said in the log (H9)."""

from __future__ import annotations

import logging
import uuid

from chatwork_admin.database.statements import fetch_all

logger = logging.getLogger(__name__)

MOST = 10  # in a line of the log
# Asked when whoever could join has joined: who of those meant is no member even now.
UNKNOWN = """
    SELECT meant.id::text FROM unnest(%(joining)s::uuid[]) AS meant (id)
    WHERE NOT EXISTS (
        SELECT 1 FROM organizations_membership
        WHERE organization_id = %(organization_id)s AND group_id = %(group)s
            AND user_id = meant.id
    )
"""


def note(here: dict[str, uuid.UUID], joining: str) -> None:
    """Log who of those that were to join is nobody here: no member even now."""
    tell(here, fetch_all(UNKNOWN, here | {"joining": joining}))


def tell(here: dict[str, uuid.UUID], unknown: list[tuple[str]]) -> None:
    if unknown:
        logger.info(
            "unknown members left out",
            extra={
                "count": len(unknown),
                "members": sorted(user_id for (user_id,) in unknown)[:MOST],
                "group": str(here["group"]),
                "organization": str(here["organization_id"]),
            },
        )
