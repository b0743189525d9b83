"""Pages of a search: from a number on (RFC 7644 §3.4.2.4) or from a place (RFC 9865)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from scim.cursors import Place
from scim.projection import Projection
from scim.representation import Representation, Row
from scim.searches import Search
from scim.sorting import SORT_KEY


@dataclass(frozen=True, slots=True)
class Page:
    """`last`: where the page ended, if there is another one."""

    rows: list[Row]
    total: int
    last: Place | None = None


def page_at(
    search: Search,
    start_index: int,
    count: int,
    representation: Representation,
    projection: Projection,
) -> Page:
    """Return `count` rows from the one with this number on, counted from 1."""
    skipped = start_index - 1
    if not count:
        return Page([], search.total())
    rows = representation.rows(search.window(skipped, count), projection)
    is_last = len(rows) < count and bool(rows or not skipped)
    return Page(rows, skipped + len(rows) if is_last else search.total())


def page_from(
    search: Search,
    place: Place | None,
    count: int,
    representation: Representation,
    projection: Projection,
) -> Page:
    """Return `count` rows after a place, or the first ones; any page costs the same."""
    if not count:
        return Page([], search.total())
    places = _places(search, place, count + 1)
    shown = places[:count]
    ids = [each.id for each in shown]
    rows = representation.rows(search.collection.rows.filter(pk__in=ids), projection)
    by_id: dict[uuid.UUID, Row] = {row.id: row for row in rows}
    is_whole = place is None and len(places) <= count
    return Page(
        rows=[by_id[each] for each in ids if each in by_id],
        total=len(places) if is_whole else search.total(),
        last=shown[-1] if len(places) > count else None,
    )


def _places(search: Search, place: Place | None, count: int) -> list[Place]:
    found = search.rows(place).values_list("pk", SORT_KEY)
    return [Place(*values) for values in found[:count]]
