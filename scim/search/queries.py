"""What a client asks a list for (RFC 7644 §3.4.2, §3.4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, QueryDict
from scim2_models import (
    InvalidCountException,
    InvalidFilterException,
    InvalidSyntaxException,
    InvalidValueException,
)

from scim import limits
from scim.documents import messages, projection

NAMES = {
    name.lower(): name
    for name in [
        "filter",
        "startIndex",
        "count",
        "cursor",
        "sortBy",
        "sortOrder",
        "attributes",
        "excludedAttributes",
    ]
}
REPLACEMENT = "\ufffd"
EXAMPLE = 'expected as in id eq "x"'


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

    @property
    def page_size(self) -> int:
        return limits.DEFAULT_COUNT if self.count is None else self.count


def parameters(request: HttpRequest) -> QueryDict:
    """Return them with the names we know, whatever letter case they had (A14).

    Of a Tenant URL that has a flag already, some append to by another question mark
    (A4). A filter that was overlooked would show everybody (E11). Raises Django's
    TooManyFieldsSent and, for what is not UTF-8 (§3.8), InvalidFilterException or
    InvalidSyntaxException.
    """
    said: QueryDict = request.GET
    if any(_known(name) != name for name in said):
        said = _spelt(said)
    if not is_utf8(request.META.get("QUERY_STRING", "")):
        is_filter = REPLACEMENT in said.get("filter", "")
        refusal = InvalidFilterException if is_filter else InvalidSyntaxException
        raise refusal(detail="The address is not UTF-8, percent-encoded; encode it so")
    return said


def is_utf8(query: str) -> bool:
    """Whether a query of PEP 3333 is: Django reads U+FFFD for what is not."""
    try:
        unquote_to_bytes(query.encode("latin-1")).decode()
    except UnicodeError:
        return False
    return True


def query(said: Mapping[str, object]) -> Query:
    """Read the parameters of a list; names we do not know are ignored (A4).

    Raises InvalidFilterException, InvalidValueException.
    """
    if isinstance(said, QueryDict) and len(said.getlist("filter")) > 1:
        raise InvalidFilterException(
            detail="There is more than one filter; join them by and"
        )
    if said.get("cursor") is not None and said.get("startIndex") is not None:
        raise InvalidValueException(
            detail="startIndex and cursor exclude each other; send one of them"
        )
    cursor = _text("cursor", said.get("cursor"))
    return Query(
        filter=_filter(said.get("filter")),
        start_index=limits.start_index(said.get("startIndex")),
        count=_count(said.get("count"), cursor),
        cursor=cursor,
        sort_by=_text("sortBy", said.get("sortBy")) or "",
        sort_order=_text("sortOrder", said.get("sortOrder")) or "",
        projection=projection.parse(
            said.get("attributes"), said.get("excludedAttributes")
        ),
    )


def search(body: object) -> Query:
    """Read a SearchRequest (§3.4.3). Raises as `query`, and InvalidSyntaxException."""
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="The body must be a JSON object: {…}")
    said = messages.lowered(body)
    messages.require(messages.SEARCH_REQUEST, said.get("schemas"))
    return query({NAMES.get(name, name): value for name, value in said.items()})


def _spelt(said: QueryDict) -> QueryDict:
    read = QueryDict(mutable=True)
    for name, values in said.lists():
        for value in values:
            read.appendlist(_known(name), value)
    return read


def _known(name: str) -> str:
    return NAMES.get(name.rpartition("?")[2].lower(), name)


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


def _filter(said: object) -> str:
    if said is None:
        return ""
    if not isinstance(said, str) or not said.strip():
        fault = "is empty" if isinstance(said, str) else "must be a text"
        raise InvalidFilterException(detail=f"filter {fault}; {EXAMPLE}")
    return said


def _text(name: str, said: object) -> str | None:
    if said is not None and not isinstance(said, str):
        raise InvalidValueException(detail=f"{name} must be a text")
    return said
