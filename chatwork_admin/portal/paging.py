"""Page by page through long lists: by the last row seen, never by an offset."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)

PAGE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows; `after` and `before` name the row to go on from, where there is one."""

    rows: list[Row]
    after: uuid.UUID | None
    before: uuid.UUID | None


def page_of(
    rows: QuerySet[Row], column: str, query: Mapping[str, str], *, size: int = PAGE
) -> Page[Row]:
    """Return the page of `rows` that `query` (`after` or `before`, a row id) asks for.

    `column` orders them, `-column` descending; the id decides between equals.
    A row that is not among `rows` is as good as none: the first page.
    """
    is_back = "before" in query
    anchor = _row(rows, query.get("before" if is_back else "after"))
    order = _Order(column.removeprefix("-"), column.startswith("-") != is_back)
    # An index alone may find whose turn it is: what they are like is looked up then.
    ids = order.beyond(rows, anchor).values("pk")[: size + 1]
    found = list(order.of(rows.filter(pk__in=ids)))
    has_more, found = len(found) > size, found[:size]
    if is_back:
        return _page(found[::-1], has_next=anchor is not None, has_previous=has_more)
    return _page(found, has_next=has_more, has_previous=anchor is not None)


@dataclass(frozen=True, slots=True)
class _Order:
    name: str
    is_descending: bool

    def of(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        sign = "-" if self.is_descending else ""
        return rows.order_by(f"{sign}{self.name}", f"{sign}pk")

    def beyond(self, rows: QuerySet[Row], anchor: Row | None) -> QuerySet[Row]:
        ordered = self.of(rows)
        return ordered if anchor is None else ordered.filter(self._condition(anchor))

    def _condition(self, anchor: Model) -> Q:
        comparison = "lt" if self.is_descending else "gt"
        value = getattr(anchor, self.name)
        is_here = Q(**{f"{self.name}__{comparison}e": value})  # where an index begins
        return is_here & (
            Q(**{f"{self.name}__{comparison}": value})
            | Q(**{f"pk__{comparison}": anchor.pk})
        )


def _page(found: list[Row], *, has_next: bool, has_previous: bool) -> Page[Row]:
    return Page(
        found,
        after=found[-1].pk if found and has_next else None,
        before=found[0].pk if found and has_previous else None,
    )


def _row(rows: QuerySet[Row], text: str | None) -> Row | None:
    try:
        return rows.filter(pk=uuid.UUID(text)).first() if text else None
    except ValueError:
        return None
