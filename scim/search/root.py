"""Queries of the root (RFC 7644 §3.4.2.1): users and groups in one list.

The users come first, unless the client sorts. Then what they are sorted by is compared
as text, for one type may have what the other lacks.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.expressions import OrderBy

from chatwork_admin.organizations.models import Organization
from scim.documents.schemas import Document
from scim.representation import GROUPS, USERS
from scim.search.absences import beside
from scim.search.both import as_text, both
from scim.search.listing import (
    context,
    page_of_cursor,
    resources,
    response,
    room_of,
)
from scim.search.pages import Page, page_at
from scim.search.queries import Query
from scim.search.searches import (
    Collection,
    Search,
    groups_of,
    search_for,
    time_limit,
    users_of,
)

REPRESENTATIONS = (USERS, GROUPS)
KEYS = ("key", "kind", "id")
ROOT = ""  # where others have their schema


def page(organization: Organization, asked: Query) -> Document:
    """Return the ListResponse. Raises as `listing.page`."""
    sort = (asked.sort_by, asked.sort_order)
    searched = [
        search_for(each, asked.filter, *sort) for each in _collections(organization)
    ]
    more: dict[str, str | int] = {"startIndex": asked.start_index}
    room = room_of(organization, asked, *REPRESENTATIONS)
    with time_limit(is_served=all(each.is_served for each in searched)):
        if asked.cursor is None:
            whole = (_sorted if asked.sort_by else _in_turn)(searched, asked)
            found = whole.within(room)
        else:
            bound_to = context(organization, ROOT, asked)
            listed = both(searched, is_merged=bool(asked.sort_by))
            found, more = page_of_cursor(listed, asked, bound_to, room)
    shown: dict[uuid.UUID, object] = {}
    for each, representation in zip(searched, REPRESENTATIONS, strict=True):
        shown |= resources(each.collection, found.ids, asked, representation)
    present = [shown[each] for each in found.ids if each in shown]
    return response(found, present, **more)


def _collections(organization: Organization) -> list[Collection]:
    users, groups = users_of(organization), groups_of(organization)
    return [_beside(users, groups), _beside(groups, users)]


def _beside(own: Collection, other: Collection) -> Collection:
    conditions = beside(own.conditions, {other.schema: other.conditions})
    return replace(own, conditions=conditions)


def _in_turn(searched: list[Search], asked: Query) -> Page:
    whole = Page([], 0)
    for each in searched:
        skipped = max(asked.start_index - 1 - whole.total, 0)
        left = asked.page_size - len(whole.ids)
        found = page_at(each, skipped + 1, left)
        whole = Page(whole.ids + found.ids, whole.total + found.total)
    return whole


def _sorted(searched: list[Search], asked: Query) -> Page:
    users, groups = (_keyed(each, kind) for kind, each in enumerate(searched))
    is_descending = searched[0].order.is_descending
    keys = (OrderBy(F(each), descending=is_descending) for each in KEYS)
    ordered = users.union(groups, all=True).order_by(*keys)
    skipped = asked.start_index - 1
    found = ordered[skipped : skipped + asked.page_size]
    return Page([row[0] for row in found], sum(each.total() for each in searched))


def _keyed(search: Search, kind: int) -> QuerySet[Any, Any]:
    key = as_text(search.order.key)
    rows: QuerySet[Any] = search.found().annotate(key=key, kind=Value(kind))
    return rows.values_list("id", *KEYS[:2])
