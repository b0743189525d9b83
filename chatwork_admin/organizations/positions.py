"""An organization's users by their number in the order in which they came.

To count up to the n-th user costs more, the greater n is: 100 ms for half a million.
So where there are many, the database keeps how many each closed segment of them has
(`UserSegment`), and each block of segments (`UserBlock`), and only the rest is counted.
Whoever comes is in no segment yet, and costs nothing; a reader who has to count far
closes segments behind him.
"""

from __future__ import annotations

import uuid

from django.db import transaction

from chatwork_admin.database.statements import execute, fetch, fetch_all
from chatwork_admin.organizations.models import Organization

# Users of a new segment, segments of a new block: to skip one costs about as much as to
# add up one.
SIZE, BLOCK = 400, 50
MOST = 625  # segments closed at once: writers wait meanwhile, about 0.1 s

OWN = "%(organization)s"

# Who came after a run, if there is one.
AFTER = """
    ({came}) > (
        coalesce((SELECT last_created_at FROM {run}), '-infinity'),
        coalesce((SELECT last_id FROM {run}), '00000000-0000-0000-0000-000000000000')
    )
"""
AFTER_BLOCK = AFTER.format(run="block", came="last_created_at, last_id")
# The last block, and in the next one the last segment, that ends before the n-th user,
# and how many came till then. In no block yet are less segments than it takes.
BEFORE = f"""
    WITH block AS MATERIALIZED (
        SELECT * FROM (
            SELECT last_created_at, last_id, sum(users) OVER (
                ORDER BY last_created_at, last_id ROWS UNBOUNDED PRECEDING
            ) AS users
            FROM organizations_userblock WHERE organization_id = {{organization}}
        ) AS summed
        WHERE users <= %(skipped)s
        ORDER BY last_created_at DESC, last_id DESC LIMIT 1
    ), segment AS (
        SELECT last_created_at, last_id, coalesce((SELECT users FROM block), 0) + sum(users)
            OVER (ORDER BY last_created_at, last_id ROWS UNBOUNDED PRECEDING) AS users
        FROM (
            SELECT * FROM organizations_usersegment
            WHERE organization_id = {{organization}} AND {AFTER_BLOCK}
            ORDER BY last_created_at, last_id LIMIT {BLOCK}
        ) AS next
    )
    SELECT * FROM (SELECT * FROM block UNION ALL SELECT * FROM segment) AS summed
    WHERE users <= %(skipped)s
    ORDER BY last_created_at DESC, last_id DESC LIMIT 1
"""  # noqa: S608 - constants
COUNTED = "coalesce((SELECT users FROM before), 0)"
FROM_THERE = f"""
    FROM organizations_user
    WHERE organization_id = {{organization}} AND deleted_at IS NULL
        AND {AFTER.format(run="before", came="created_at, id")}
    ORDER BY created_at, id OFFSET %(skipped)s - {COUNTED}
"""
USERS_AT = f"""
    WITH before AS ({BEFORE.format(organization=OWN)})
    SELECT id, {COUNTED} {FROM_THERE.format(organization=OWN)} LIMIT %(count)s
"""
# Nobody is coming or going while it is held: who does holds it too, in common.
ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s::text, 11))"
LAST = """
    SELECT last_created_at, last_id FROM {runs}
    WHERE organization_id = %(organization)s
    ORDER BY last_created_at DESC, last_id DESC LIMIT 1
"""
CLOSE_SEGMENTS = f"""
    WITH last AS ({LAST.format(runs="organizations_usersegment")}), loose AS (
        SELECT created_at, id, row_number() OVER (ORDER BY created_at, id) AS number
        FROM organizations_user
        WHERE organization_id = %(organization)s AND deleted_at IS NULL
            AND {AFTER.format(run="last", came="created_at, id")}
        ORDER BY created_at, id LIMIT %(most)s
    )
    INSERT INTO organizations_usersegment (organization_id, last_created_at, last_id, users)
    SELECT %(organization)s, created_at, id, %(size)s FROM loose WHERE mod(number, %(size)s) = 0
"""  # noqa: S608 - constants
CLOSE_BLOCKS = f"""
    WITH block AS ({LAST.format(runs="organizations_userblock")}), loose AS (
        SELECT last_created_at, last_id, row_number() OVER came AS number,
            sum(users) OVER (came ROWS %(block)s - 1 PRECEDING) AS users
        FROM organizations_usersegment
        WHERE organization_id = %(organization)s AND {AFTER_BLOCK}
        WINDOW came AS (ORDER BY last_created_at, last_id)
    )
    INSERT INTO organizations_userblock (organization_id, last_created_at, last_id, users)
    SELECT %(organization)s, last_created_at, last_id, users FROM loose
    WHERE mod(number, %(block)s) = 0
"""  # noqa: S608 - constants


def users_at(organization: Organization, skipped: int, count: int) -> list[uuid.UUID]:
    """Return the ids of some users, after so many, in the order in which they came."""
    named = {"organization": organization.pk, "skipped": skipped, "count": count}
    rows = fetch_all(USERS_AT, named)
    if rows and is_far(skipped, rows[0][1]):
        close_segments(organization)
    return [user_id for user_id, _ in rows]


def is_far(skipped: int, counted: int) -> bool:
    """Whether so many users had to be counted one by one that segments are due.

    A quarter more than they hold: somebody may have come back into one from the bin.
    """
    return skipped - counted >= SIZE + SIZE // 4


@transaction.atomic
def close_segments(organization: Organization) -> None:
    """Close segments of whoever is in none, unless somebody is coming or going now."""
    is_alone = fetch(ALONE, [organization.pk])
    if is_alone == (True,):
        named = {"organization": organization.pk, "size": SIZE, "most": SIZE * MOST}
        execute(CLOSE_SEGMENTS, named)
        execute(CLOSE_BLOCKS, {"organization": organization.pk, "block": BLOCK})
