"""How many resources a page has room for: it may show fewer than asked (RFC 7644 §3.4.2.4)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from itertools import accumulate

from chatwork_admin.database.statements import fetch_all
from chatwork_admin.organizations.models import Organization
from scim import limits
from scim.documents import bounds

SURELY = limits.MAX_PAGE // bounds.MAX_SIZE  # users, however large
# Sizes where they come to too much; as a rule, nothing. No document is read for it.
USERS_TOO_LARGE = f"""
    WITH sized AS MATERIALIZED (
        SELECT id, pg_column_size(document) AS size FROM organizations_user
        WHERE organization_id = %(organization)s AND id = ANY(%(ids)s::uuid[])
    )
    SELECT id, size FROM sized WHERE (SELECT sum(size) FROM sized) > {limits.MAX_PAGE}
"""  # noqa: S608 - constants
MEMBERS_TOO_MANY = f"""
    WITH sized AS MATERIALIZED (
        SELECT group_id, count(*) AS size FROM organizations_membership
        WHERE organization_id = %(organization)s AND group_id = ANY(%(ids)s::uuid[])
        GROUP BY group_id
    )
    SELECT group_id, size FROM sized
    WHERE (SELECT sum(size) FROM sized) > {limits.MAX_MEMBERS}
"""  # noqa: S608 - constants
Room = Callable[[Sequence[uuid.UUID]], int]


def room_for(
    organization: Organization, ids: Sequence[uuid.UUID], *, are_members_shown: bool
) -> int:
    """Return how many of some users and groups, from the first on, a page has room for.

    For one at least. What is kept of a group is small: its members are not.
    """
    named = {"organization": organization.pk, "ids": f"{{{','.join(map(str, ids))}}}"}
    found = len(ids)
    if len(ids) > SURELY:
        found = min(found, _fitting(USERS_TOO_LARGE, named, ids, limits.MAX_PAGE))
    if len(ids) > 1 and are_members_shown:
        found = min(found, _fitting(MEMBERS_TOO_MANY, named, ids, limits.MAX_MEMBERS))
    return found


def _fitting(
    statement: str, named: dict[str, object], ids: Sequence[uuid.UUID], most: int
) -> int:
    sizes: dict[uuid.UUID, int] = dict(fetch_all(statement, named))
    sums = accumulate(sizes.get(each, 0) for each in ids)
    return max(1, sum(each <= most for each in sums))
