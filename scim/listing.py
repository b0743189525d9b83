"""What a client asks a list for (RFC 7644 §3.4.2, §3.4.3), and the page it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django_scim.constants import SchemaURI
from scim2_models import InvalidFilterException, InvalidSyntaxException

from scim import limits, projection
from scim.representation import Representation, Row
from scim.schemas import Document


@dataclass(frozen=True, slots=True)
class Query:
    filter: str
    start_index: int
    count: int
    projection: projection.Projection


def query(said: Mapping[str, object]) -> Query:
    """Read the parameters of a list; names we do not know are ignored (A4).

    Raises InvalidFilterException, InvalidValueException.
    """
    expression = said.get("filter")
    if expression is None:
        expression = ""
    elif not isinstance(expression, str) or not expression.strip():
        raise InvalidFilterException(detail="filter must say something")
    if isinstance(said, QueryDict) and len(said.getlist("filter")) > 1:
        raise InvalidFilterException(detail="There is more than one filter")
    return Query(
        filter=expression,
        start_index=limits.start_index(said.get("startIndex")),
        count=limits.count(said.get("count")),
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
    found: QuerySet[Any], asked: Query, representation: Representation
) -> Document:
    """Return the ListResponse; `startIndex` is what was asked for (E14)."""
    first = asked.start_index - 1
    rows: list[Row] = []
    if asked.count:
        window = found[first : first + asked.count]
        rows = representation.rows(window, asked.projection)
    return {
        "schemas": [SchemaURI.LIST_RESPONSE],
        "totalResults": _total(found, asked, len(rows)),
        "startIndex": asked.start_index,
        "itemsPerPage": len(rows),
        "Resources": [
            asked.projection.of(representation.resource(row)) for row in rows
        ],
    }


def _total(found: QuerySet[Any], asked: Query, shown: int) -> int:
    """Count, unless a page that is not full tells."""
    is_last = 0 < shown < asked.count or (not shown and asked.count > 0)
    if is_last and (shown or asked.start_index == 1):
        return asked.start_index - 1 + shown
    return found.count()
