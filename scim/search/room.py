"""How many resources a page has room for: it may show fewer than asked (RFC 7644 §3.4.2.4)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
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
MEMBERSHIPS_TOO_MANY = """
    WITH sized AS MATERIALIZED (
        SELECT {side}_id, count(*) AS size FROM organizations_membership
        WHERE organization_id = %(organization)s AND {side}_id = ANY(%(ids)s::uuid[])
        GROUP BY {side}_id
    )
    SELECT {side}_id, size FROM sized WHERE (SELECT sum(size) FROM sized) > {most}
"""
Room = Callable[[Sequence[uuid.UUID]], int]


def room_for(
    organization: Organization, ids: Sequence[uuid.UUID], *, sides: Iterable[str]
) -> int:
    """Return how many of some users and groups, from the first on, a page has room for.

    For one at least. `sides`: `user`, `group`, or both: of which resources memberships
    are read. What is kept of a group itself is small.
    """
    named = {"organization": organization.pk, "ids": f"{{{','.join(map(str, ids))}}}"}
    found = len(ids)
    if len(ids) > SURELY:
        found = min(found, _fitting(USERS_TOO_LARGE, named, ids, limits.MAX_PAGE))
    most = limits.MAX_MEMBERSHIPS
    for side in sides if len(ids) > 1 else ():
        statement = MEMBERSHIPS_TOO_MANY.format(side=side, most=most)
        found = min(found, _fitting(statement, named, ids, most))
    return found


def _fitting(
    statement: str, named: dict[str, object], ids: Sequence[uuid.UUID], most: int
) -> int:
    sizes: dict[uuid.UUID, int] = dict(fetch_all(statement, named))
    sums = accumulate(sizes.get(each, 0) for each in ids)
    return max(1, sum(each <= most for each in sums))
