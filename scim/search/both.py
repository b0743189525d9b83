"""Searches of several collections as one list, with places for cursors (RFC 9865)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from django.db.models import TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Collate

from scim.search.cursors import Place
from scim.search.searches import Search

FIRST, LAST = uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)


def as_text(key: Combinable) -> Combinable:
    """Return a key as one type may compare it with another's, and Python as well."""
    return Collate(Cast(key, TextField()), "C")


@dataclass(frozen=True, slots=True)
class Both:
    """One search after the other; or merged, by what both are sorted by."""

    searches: Sequence[Search]
    is_merged: bool

    @property
    def is_descending(self) -> bool:
        return self.searches[0].order.is_descending

    def total(self) -> int:
        return sum(each.total() for each in self.searches)

    def backward(self) -> Both:
        return replace(self, searches=[each.backward() for each in self.searches])

    def places(self, place: Place | None, count: int) -> list[Place]:
        found = chain.from_iterable(
            [replace(each, kind=kind) for each in self._beyond(kind, place, count)]
            for kind in range(len(self.searches))
        )
        return sorted(found, key=self._key, reverse=self.is_descending)[:count]

    def _beyond(self, kind: int, place: Place | None, count: int) -> list[Place]:
        """Return the places of one collection after one that may be another's."""
        search = self.searches[kind]
        if place is None or kind == place.kind:
            return search.places(place, count)
        is_later = (kind > place.kind) != self.is_descending
        if self.is_merged:  # those of the same value come after it, or came before
            edge = FIRST if is_later != self.is_descending else LAST
            return search.places(replace(place, id=edge), count)
        return search.places(None, count) if is_later else []

    def _key(self, place: Place) -> tuple[object, ...]:
        """Return by what places of both are sorted, as `root` has it in SQL."""
        if not self.is_merged:
            return (place.kind,)
        value = place.sort_value
        return value is None, value or "", place.kind, place.id.int


def both(searches: Sequence[Search], *, is_merged: bool) -> Both:
    if not is_merged:
        return Both(searches, is_merged)
    keyed = (replace(each.order, key=as_text(each.order.key)) for each in searches)
    pairs = zip(searches, keyed, strict=True)
    return Both([replace(each, order=order) for each, order in pairs], is_merged)
