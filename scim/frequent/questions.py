"""What is answered before Django is asked: a statement, and what its rows come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scim import prepared

# Users in more groups are shown elsewhere: others would wait on the event loop for that.
MOST_GROUPS, MANY = 100, "many"
COLUMNS = f"""
    {prepared.OWN_COLUMNS}, (
        SELECT CASE WHEN count(*) > {MOST_GROUPS} THEN '{MANY}' ELSE {prepared.GROUPS_SHOWN} END
        FROM (
            SELECT g.id, g.display_name FROM {prepared.JOINED}
            WHERE m.organization_id = u.organization_id AND m.user_id = u.id
            LIMIT {MOST_GROUPS + 1}
        ) AS g
    )
"""  # noqa: S608 - constants
Headers = list[tuple[str, str]]
Answer = tuple[Headers, str]
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """A statement whose first column says whose organization asks.

    `said`: its parameters but `digest`, the token's. `answer`: what its rows come to;
    None for what is decided elsewhere.
    """

    statement: str
    said: dict[str, Any]
    answer: Callable[[Rows], Answer | None]


def composed(row: Sequence[Any]) -> prepared.Composed | None:
    """Return the user of a row of COLUMNS; None for one in many groups."""
    return None if row[-1] == MANY else prepared.composed(*row)
