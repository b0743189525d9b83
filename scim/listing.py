"""What a client asks a list for (RFC 7644 §3.4.2, §3.4.3), and the page it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from django.http import QueryDict
from django_scim.constants import SchemaURI
from scim2_models import (
    InvalidCountException,
    InvalidFilterException,
    InvalidSyntaxException,
    InvalidValueException,
    Pagination,
)

from scim import cursors, limits, prepared, projection
from scim.cursors import Cursor, issue
from scim.pages import Page, page_at, page_before, page_from
from scim.representation import Representation
from scim.schemas import USER, Document
from scim.searches import Collection, Search, search_for, time_limit

PAGINATION = Pagination(  # RFC 9865 §4
    cursor=True,
    index=True,
    default_pagination_method=Pagination.DefaultPaginationMethod.index,
    default_page_size=limits.DEFAULT_COUNT,
    max_page_size=limits.MAX_COUNT,
    cursor_timeout=cursors.TIMEOUT,
)


@dataclass(frozen=True, slots=True)
class Query:
    """`count` is None where nothing is said of it, `cursor` without cursors."""

    filter: str
    start_index: int
    count: int | None
    cursor: str | None
    sort_by: str
    sort_order: str
    projection: projection.Projection


def query(said: Mapping[str, object]) -> Query:
    """Read the parameters of a list; names we do not know are ignored (A4).

    Raises InvalidFilterException, InvalidValueException.
    """
    if isinstance(said, QueryDict) and len(said.getlist("filter")) > 1:
        raise InvalidFilterException(detail="There is more than one filter")
    if said.get("cursor") is not None and said.get("startIndex") is not None:
        raise InvalidValueException(detail="startIndex and cursor exclude each other")
    cursor = _text(said.get("cursor"))
    return Query(
        filter=_filter(said.get("filter")),
        start_index=limits.start_index(said.get("startIndex")),
        count=_count(said.get("count"), cursor),
        cursor=cursor,
        sort_by=_text(said.get("sortBy")) or "",
        sort_order=_text(said.get("sortOrder")) or "",
        projection=projection.parse(
            said.get("attributes"), said.get("excludedAttributes")
        ),
    )


def search(body: object) -> Query:
    """Read a SearchRequest (§3.4.3). Raises as `query`, and InvalidSyntaxException."""
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body must be a JSON object")
    listed = body.get("schemas")
    if not isinstance(listed, list) or SchemaURI.SERACH_REQUEST not in listed:
        raise InvalidSyntaxException(
            detail=f"schemas must contain {SchemaURI.SERACH_REQUEST}"
        )
    return query(body)


def page(
    collection: Collection, asked: Query, representation: Representation
) -> Document:
    """Return the ListResponse.

    Raises InvalidFilterException, InvalidValueException, TooManyException and, of
    cursors, InvalidCursorException, ExpiredCursorException, InvalidCountException.
    """
    sort = (asked.sort_by, asked.sort_order)
    searched = search_for(collection, asked.filter, *sort)
    if asked.cursor is not None:
        return _page_of_cursor(searched, asked, representation)
    count = limits.DEFAULT_COUNT if asked.count is None else asked.count
    with time_limit(is_served=searched.is_served):
        found = page_at(searched, asked.start_index, count)
    shown = _shown(collection, found, asked, representation)
    # E14: `startIndex` is what was asked for.
    return _response(found, shown, startIndex=asked.start_index)


def _page_of_cursor(
    searched: Search, asked: Query, representation: Representation
) -> Document:
    """RFC 9865: an empty cursor asks for the first page."""
    bound_to = _context(searched.collection, asked)
    came = cursors.redeem(asked.cursor, bound_to) if asked.cursor else None
    count = _kept_count(asked.count, came)
    with time_limit(is_served=searched.is_served):
        if came and came.is_backward:
            found = page_before(searched, came.place, count)
        else:
            found = page_from(searched, came.place if came else None, count)
    edges = {
        "previousCursor": found.first and Cursor(found.first, count, is_backward=True),
        "nextCursor": found.last and Cursor(found.last, count),
    }
    beyond = {name: issue(edge, bound_to) for name, edge in edges.items() if edge}
    shown = _shown(searched.collection, found, asked, representation)
    return _response(found, shown, **beyond)


def _shown(
    collection: Collection, found: Page, asked: Query, representation: Representation
) -> list[object]:
    """Return the page's resources; whoever was deleted meanwhile is left out."""
    if collection.schema == USER and asked.projection == projection.Projection():
        users = prepared.users(collection.organization, found.ids)
        return [orjson.Fragment(user.text) for user in users]
    present = collection.rows.filter(pk__in=found.ids)
    rows = {row.id: row for row in representation.rows(present, asked.projection)}
    resources = (representation.resource(rows[i]) for i in found.ids if i in rows)
    return [asked.projection.of(resource) for resource in resources]


def _response(found: Page, shown: list[object], **more: object) -> Document:
    return {
        "schemas": [SchemaURI.LIST_RESPONSE],
        "totalResults": found.total,
        "itemsPerPage": len(shown),
        **more,
        "Resources": shown,
    }


def _context(collection: Collection, asked: Query) -> str:
    return cursors.context(
        collection.organization.pk,
        collection.schema,
        asked.filter,
        asked.sort_by.lower(),
        asked.sort_order.lower(),
    )


def _count(said: object, cursor: str | None) -> int | None:
    """RFC 9865 §2.1: what is no number beside a cursor is an invalidCount."""
    if said in (None, ""):
        return None
    try:
        return limits.count(said)
    except InvalidValueException as error:
        if cursor is None:
            raise
        raise InvalidCountException(detail=str(error)) from error


def _kept_count(said: int | None, came: Cursor | None) -> int:
    if came is None:
        return limits.DEFAULT_COUNT if said is None else said
    if said not in {None, came.count}:
        raise InvalidCountException(
            detail=f"count was {came.count} on the first page; send that or none"
        )
    return came.count


def _filter(said: object) -> str:
    if said is None:
        return ""
    if not isinstance(said, str) or not said.strip():
        raise InvalidFilterException(detail="filter must say something")
    return said


def _text(said: object) -> str | None:
    if said is not None and not isinstance(said, str):
        raise InvalidValueException(detail="expected a text")
    return said
