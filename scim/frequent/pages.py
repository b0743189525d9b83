"""Pages of all users, as they came: by their number, and on from a cursor.

One statement finds who asks, where the page begins, who is on it and in which groups
they are. A test holds what it comes to to what `search.listing` says.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any

import orjson
from scim2_models import ExpiredCursorException, InvalidCursorException

from chatwork_admin.authorization.tokens import WELL_KNOWN
from chatwork_admin.organizations import positions
from scim import limits, prepared
from scim.documents.schemas import USER
from scim.frequent.questions import Answer, Question, Rows
from scim.search import cursors, listing
from scim.search.cursors import Place
from scim.search.pages import Page

OURS = "(SELECT organization_id FROM caller)"
STARTING = f"""
    before AS MATERIALIZED ({positions.BEFORE.format(organization=OURS)}),
    start AS MATERIALIZED (
        SELECT created_at, id {positions.FROM_THERE.format(organization=OURS)} LIMIT 1
    )
"""
AFTER = """
    before AS (SELECT 0 AS users),
    start AS (SELECT %(created_at)s::timestamptz AS created_at, %(id)s::uuid AS id)
"""
# A page of more would keep the event loop from all else: it goes the long way.
MOST_BYTES, MOST_GROUPS = 1024 * 1024, 1_000
# The limit that is no parameter tells PostgreSQL how little a page is: otherwise it plans
# anew for each, which takes twice as long as to read it.
PAGE = f"""
    WITH caller AS MATERIALIZED ({WELL_KNOWN}), {{start}},
    page AS MATERIALIZED (
        SELECT * FROM (
            SELECT id, version, document, created_at, changed_at FROM organizations_user
            WHERE organization_id = {OURS} AND deleted_at IS NULL
                AND (created_at, id) {{beyond}}
                    ((SELECT created_at FROM start), (SELECT id FROM start))
            ORDER BY created_at, id LIMIT {limits.MAX_COUNT + 1}
        ) AS at_most LIMIT %(count)s
    ), member AS MATERIALIZED (
        SELECT g.user_id, {prepared.GROUPS_SHOWN} AS groups, count(*) AS number FROM (
            SELECT m.user_id, g.id, g.display_name FROM {prepared.JOINED}
            WHERE m.organization_id = {OURS} AND m.user_id = ANY(ARRAY(SELECT id FROM page))
            LIMIT {MOST_GROUPS + 1}
        ) AS g GROUP BY g.user_id
    )
    SELECT caller.organization_id, counted.present, {positions.COUNTED},
        {prepared.OWN_COLUMNS}, groups
    FROM caller CROSS JOIN (
        SELECT coalesce(sum(present), 0) AS present FROM organizations_usercount
        WHERE organization_id = {OURS}
    ) AS counted
    LEFT JOIN page u ON true LEFT JOIN member ON member.user_id = u.id
    WHERE coalesce((SELECT sum(pg_column_size(document)) FROM page), 0) <= {MOST_BYTES}
        AND coalesce((SELECT sum(number) FROM member), 0) <= {MOST_GROUPS}
"""  # noqa: S608 - constants
BY_NUMBER = PAGE.format(start=STARTING, beyond=">=")
BY_CURSOR = PAGE.format(start=AFTER, beyond=">")
AS_THEY_CAME = itemgetter(6, 3)  # their instants and ids as text, which sorts alike
NOTHING_SAID = "", "", ""  # filter, sortBy, sortOrder: as `listing.context`
NUMBERED = re.compile("startIndex=([1-9][0-9]{0,8})&count=([1-9][0-9]{0,2})")
CONTINUED = re.compile("cursor=([A-Za-z0-9_-]+)(?:&count=([1-9][0-9]{0,2}))?")


def question(query: str) -> Question | None:
    """Return what asks for a page of all users; None if something else is asked for."""
    if said := NUMBERED.fullmatch(query):
        return _numbered(int(said[1]), int(said[2]))
    if said := CONTINUED.fullmatch(query):
        return _continued(said[1], int(said[2]) if said[2] else None)
    return None


def _numbered(start_index: int, count: int) -> Question | None:
    if count > limits.MAX_COUNT:
        return None
    said = prepared.asking(skipped=start_index - 1, count=count)
    return Question(BY_NUMBER, said, partial(_page_at, start_index, count))


def _page_at(start_index: int, count: int, rows: Rows) -> Answer | None:
    """As `pages.page_at`; None where segments of users are due."""
    shown, skipped = _present(rows), start_index - 1
    _, present, counted, *_ = rows[0]
    if shown and positions.is_far(skipped, counted):
        return None
    is_last = len(shown) < count and bool(shown or not skipped)
    page = Page([], skipped + len(shown) if is_last else present)
    return _answer(page, shown, startIndex=start_index)


def _continued(text: str, count: int | None) -> Question | None:
    """Whoever goes back, or has a cursor of another list, is answered elsewhere."""
    try:
        bound_to, cursor = cursors.read(text)
        came_at = datetime.fromisoformat(str(cursor.place.sort_value))
    except (InvalidCursorException, ExpiredCursorException, ValueError):
        return None
    if cursor.is_backward or count not in {None, cursor.count}:
        return None
    said = prepared.asking(
        created_at=came_at, id=cursor.place.id, count=cursor.count + 1
    )
    return Question(BY_CURSOR, said, partial(_page_after, bound_to, cursor.count))


def _page_after(bound_to: str, count: int, rows: Rows) -> Answer | None:
    """As `pages.page_from`; None if the cursor is somebody else's, or of another list."""
    if bound_to != cursors.context(rows[0][0], USER, *NOTHING_SAID):
        return None
    found = _present(rows)
    shown = found[:count]
    page = Page(
        ids=[],
        total=rows[0][1],
        first=_place(shown[0]) if shown else None,
        last=_place(shown[-1]) if len(found) > count else None,
    )
    return _answer(page, shown, **listing.beyond(page, count, bound_to))


def _present(rows: Rows) -> Rows:
    """Who is on the page, in order; of an empty page there is one row, of nobody.

    Sorting rows that long costs PostgreSQL ten times as much.
    """
    return sorted(rows, key=AS_THEY_CAME) if rows[0][3] is not None else []


def _place(row: tuple[Any, ...]) -> Place:
    return Place(uuid.UUID(row[3]), row[6])


def _answer(page: Page, shown: Rows, **more: object) -> Answer:
    users = prepared.all_composed(row[3:] for row in shown)
    texts = orjson.Fragment(f"[{','.join(user.text for user in users)}]")
    said = listing.response(page, shown, **more) | {"Resources": texts}
    return [], orjson.dumps(said).decode()
