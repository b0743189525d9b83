"""Pages of a search: from a number on (RFC 7644 §3.4.2.4) or from a place (RFC 9865)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Protocol, Self

from scim.search.cursors import Place
from scim.search.room import Room
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

    def within(self, room: Room) -> Page:
        """Return what of it there is room for, from the first on."""
        return replace(self, ids=self.ids[: room(self.ids)])


def page_at(search: Search, start_index: int, count: int) -> Page:
    """Return `count` rows from the one with this number on, counted from 1."""
    skipped = start_index - 1
    ids = search.ids(skipped, count) if count else []
    is_last = len(ids) < count and bool(ids or not skipped)
    return Page(ids, skipped + len(ids) if is_last else search.total())


def page_from(search: Listed, place: Place | None, count: int, room: Room) -> Page:
    """Return `count` rows after a place, or the first ones; any page costs the same.

    Or as many of them as there is room for.
    """
    places = search.places(place, count + 1) if count else []
    shown = _shown(places, count, room)
    is_last = len(places) == len(shown)
    return Page(
        ids=[each.id for each in shown],
        total=len(places) if count and is_last and not place else search.total(),
        first=shown[0] if place and shown else None,
        last=None if is_last else shown[-1],
    )


def page_before(search: Listed, place: Place, count: int, room: Room) -> Page:
    """Return `count` rows before a place: the first page if there are none left."""
    places = search.backward().places(place, count + 1)
    if not places:
        return page_from(search, None, count, room)
    shown = _shown(places, count, room)[::-1]
    return Page(
        ids=[each.id for each in shown],
        total=search.total(),
        first=None if len(places) == len(shown) else shown[0],
        last=shown[-1],
    )


def _shown(places: list[Place], count: int, room: Room) -> list[Place]:
    wanted = places[:count]
    return wanted[: room([each.id for each in wanted])]
