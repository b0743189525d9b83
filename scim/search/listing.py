"""The page that a client gets of a list (RFC 7644 §3.4.2)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial

import orjson
from django_scim.constants import SchemaURI
from scim2_models import InvalidCountException, Pagination

from chatwork_admin.organizations.models import Organization
from scim import limits, prepared
from scim.documents import projection
from scim.documents.schemas import USER, Document
from scim.representation import Representation
from scim.search import cursors
from scim.search.cursors import Cursor, issue
from scim.search.pages import Listed, Page, page_at, page_before, page_from
from scim.search.queries import Query
from scim.search.room import Room, room_for
from scim.search.searches import Collection, search_for, time_limit

PAGINATION = Pagination(  # RFC 9865 §4
    cursor=True,
    index=True,
    default_pagination_method=Pagination.DefaultPaginationMethod.index,
    default_page_size=limits.DEFAULT_COUNT,
    max_page_size=limits.MAX_COUNT,
    cursor_timeout=cursors.TIMEOUT,
)


def page(
    collection: Collection, asked: Query, representation: Representation
) -> Document:
    """Return the ListResponse.

    Raises InvalidFilterException, InvalidValueException, TooManyException and, of
    cursors, InvalidCursorException, ExpiredCursorException, InvalidCountException.
    """
    sort = (asked.sort_by, asked.sort_order)
    searched = search_for(collection, asked.filter, *sort)
    more: dict[str, str | int] = {"startIndex": asked.start_index}  # E14: as asked for
    room = room_of(collection.organization, asked, representation)
    with time_limit(is_served=searched.is_served):
        if asked.cursor is None:
            whole = page_at(searched, asked.start_index, asked.page_size)
            found = whole.within(room)
        else:
            bound_to = context(collection.organization, collection.schema, asked)
            found, more = page_of_cursor(searched, asked, bound_to, room)
    shown = resources(collection, found.ids, asked, representation)
    return response(found, [*shown.values()], **more)


def room_of(organization: Organization, asked: Query, *shown: Representation) -> Room:
    """Return what says how many of these a page of an organization has room for."""
    are_tagged = _are_tagged(asked.projection)
    sides = [
        each.entries.mine
        for each in shown
        if each.needed(asked.projection, are_tagged=are_tagged).read
    ]
    return partial(room_for, organization, sides=sides)


def page_of_cursor(
    listed: Listed, asked: Query, bound_to: str, room: Room
) -> tuple[Page, dict[str, str | int]]:
    """Return a page and what leads on from it; an empty cursor asks for the first."""
    came = cursors.redeem(asked.cursor, bound_to) if asked.cursor else None
    count = _page_size(asked, came)
    if came and came.is_backward:
        found = page_before(listed, came.place, count, room)
    else:
        place = came.place if came else None
        found = page_from(listed, place, count, room)
    return found, beyond(found, count, bound_to)


def beyond(found: Page, count: int, bound_to: str) -> dict[str, str | int]:
    """Return the cursors to the pages before and after one."""
    edges = {
        "previousCursor": found.first and Cursor(found.first, count, is_backward=True),
        "nextCursor": found.last and Cursor(found.last, count),
    }
    return {name: issue(edge, bound_to) for name, edge in edges.items() if edge}


def context(organization: Organization, schema: str, asked: Query) -> str:
    """Return what a cursor is bound to: to one query."""
    return cursors.context(
        organization.pk,
        schema,
        asked.filter,
        asked.sort_by.lower(),
        asked.sort_order.lower(),
    )


def resources(
    collection: Collection,
    ids: list[uuid.UUID],
    asked: Query,
    representation: Representation,
) -> dict[uuid.UUID, object]:
    """Return resources by id; whoever was deleted meanwhile is left out."""
    if collection.schema == USER and asked.projection == projection.Projection():
        users = prepared.users(collection.organization, ids)
        return {each: orjson.Fragment(user.text) for each, user in users.items()}
    shown = asked.projection
    found = representation.rows(
        collection.rows.filter(pk__in=ids),
        shown,
        are_tagged=_are_tagged(shown),
    )
    rows = {row.id: row for row in found}
    return {i: shown.of(representation.resource(rows[i])) for i in ids if i in rows}


def response(found: Page, shown: Sequence[object], **more: object) -> Document:
    return {
        "schemas": [SchemaURI.LIST_RESPONSE],
        "totalResults": found.total,
        "itemsPerPage": len(shown),
        **more,
        "Resources": shown,
    }


def _are_tagged(shown: projection.Projection) -> bool:
    """Whether anybody sees what tags say of memberships."""
    return bool(shown.parts("meta", ["version"]))


def _page_size(asked: Query, came: Cursor | None) -> int:
    if came is None:
        return asked.page_size
    if asked.count not in {None, came.count}:
        raise InvalidCountException(
            detail=f"count was {came.count} on the first page; send that or none"
        )
    return came.count
