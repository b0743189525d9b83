"""Pages of a search: from a number on (RFC 7644 §3.4.2.4) or from a place (RFC 9865)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Protocol, Self

from scim.search.cursors import Place
from scim.search.searches import Search


class Listed(Protocol):
    """What has an order, and places in it: a search, or several (`scim.search.root`)."""

    def places(self, place: Place | None, count: int) -> list[Place]: ...

    def backward(self) -> Self: ...

    def total(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Page:
    """Whom it shows. `first`, `last`: its edges, if there are pages beyond them."""

    ids: list[uuid.UUID]
    total: int
    first: Place | None = None
    last: Place | None = None


def page_at(search: Search, start_index: int, count: int) -> Page:
    """Return `count` rows from the one with this number on, counted from 1."""
    skipped = start_index - 1
    ids = search.ids(skipped, count) if count else []
    is_last = len(ids) < count and bool(ids or not skipped)
    return Page(ids, skipped + len(ids) if is_last else search.total())


def page_from(search: Listed, place: Place | None, count: int) -> Page:
    """Return `count` rows after a place, or the first ones; any page costs the same."""
    places = search.places(place, count + 1) if count else []
    shown, is_last = places[:count], len(places) <= count
    return Page(
        ids=[each.id for each in shown],
        total=len(places) if count and is_last and not place else search.total(),
        first=shown[0] if place and shown else None,
        last=None if is_last else shown[-1],
    )


def page_before(search: Listed, place: Place, count: int) -> Page:
    """Return `count` rows before a place: the first page if there are none left."""
    places = search.backward().places(place, count + 1)
    if not places:
        return page_from(search, None, count)
    shown, is_first = places[count - 1 :: -1], len(places) <= count
    return Page(
        ids=[each.id for each in shown],
        total=search.total(),
        first=None if is_first else shown[0],
        last=shown[-1],
    )
