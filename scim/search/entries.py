"""Attributes with several values: one entry must meet the whole of what is said.

Nothing here joins: a user is found once, however many entries match.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import Overlap
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact, IsNull
from scim2_models import InvalidFilterException

from chatwork_admin.synchronization.attributes import lookup_key
from scim.documents.schemas import spelt
from scim.search.comparisons import NO_TEXT, PRESENT, Access, Condition, Route

Lookup = Callable[[object], Access]


class EntryExists(Func):
    """Whether an entry of a multi-valued attribute meets a condition; never a join."""

    template = "EXISTS (SELECT 1 FROM jsonb_array_elements(%(expressions)s))"
    arg_joiner = ") AS entry WHERE ("
    output_field = BooleanField()


class FirstEntry(Func):
    """A value of the primary entry, or else of the first (§3.4.2.3)."""

    template = (
        "(SELECT %(expressions)s) WITH ORDINALITY AS listed (entry, place)"
        " ORDER BY coalesce(entry ->> 'primary', '') <> 'true', place LIMIT 1)"
    )
    arg_joiner = " FROM jsonb_array_elements("


class LookupKeys(Func):
    """What the index of e-mails and managers holds (migration 0008)."""

    function = "lookup_keys_of"
    output_field = ArrayField(TextField())


class Unforeseen(Func):
    """Texts that PostgreSQL does not see while it plans.

    By what it knows of texts in arrays, it takes fifty for a good part of everybody.
    """

    template = "(SELECT %(expressions)s::text[])"
    output_field = ArrayField(TextField())


def lookup(organization: uuid.UUID, attribute: str) -> Lookup:
    """Return how the index finds users by a value; others may share the digest."""

    def looked_up(value: object) -> Access:
        return by_keys([f"{organization}{lookup_key(attribute, str(value))}"])

    return looked_up


def by_keys(keys: Sequence[str]) -> Access:
    """Return how the index finds users who have any of the keys, in one condition.

    As many conditions joined by `or`, PostgreSQL would rather compare with everybody.
    """
    held = LookupKeys(F("organization_id"), F("lookup_keys"))
    wanted = Unforeseen(Value([*keys], output_field=held.output_field))
    found = Q(Overlap(held, wanted)) & ~Q(Exact(F("lookup_keys"), NO_TEXT))
    return Access(Route.LOOKUP, found, keys=(*keys,))


def any_of(ways: Sequence[Access | None]) -> Access | None:
    """Return the way to whom any of these leads, if all are keys of one index."""
    keys = [way.keys if way else () for way in ways]
    return by_keys([*chain.from_iterable(keys)]) if all(keys) else None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A comparison whose `eq` the index of e-mails and managers serves."""

    condition: Condition
    lookup: Lookup

    def __call__(self, operation: str, value: object) -> Q:
        found, way = self.condition(operation, value), self.access(operation, value)
        return way.subset & found if way else found

    def access(self, operation: str, value: object) -> Access | None:
        is_served = operation == "eq" and value not in {None, ""}
        return self.lookup(value) if is_served else None

    @property
    def sort_key(self) -> Combinable:
        return self.condition.sort_key


class Source(Protocol):
    """Where the entries of an attribute are."""

    def having(self, inner: Q) -> Q:
        """Say that some entry meets a condition."""

    def is_there(self) -> Q:
        """Say that there is an entry."""

    def first(self, key: Combinable) -> Combinable:
        """Return what the primary entry, or else the first one, is sorted by."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Entries in JSON; an empty list is never kept."""

    listed: Combinable

    def having(self, inner: Q) -> Q:
        return Q(EntryExists(self.listed, inner))

    def is_there(self) -> Q:
        return Q(IsNull(self.listed, rhs=False))

    def first(self, key: Combinable) -> Combinable:
        return FirstEntry(key, self.listed, output_field=TextField())


@dataclass(frozen=True, slots=True)
class Entries:
    """A multi-valued attribute; alone it means its `value` (§3.4.2.2)."""

    name: str
    source: Source
    entry: Mapping[str, Condition]
    lookup: Lookup | None = None

    def having(self, inner: Q) -> Q:
        return self.source.having(inner)

    def __call__(self, operation: str, value: object) -> Q:
        if operation == PRESENT:
            return self.source.is_there()
        return self._value(operation, value)

    def access(self, operation: str, value: object) -> Access | None:
        return None if operation == PRESENT else self._value.access(operation, value)

    @property
    def sort_key(self) -> Combinable:
        return self._value.sort_key

    def part(self, name: str) -> Condition:
        part = Part(self, name)
        if name == "value" and self.lookup:
            return LookedUp(part, self.lookup)
        return part

    @property
    def parts(self) -> dict[str, Condition]:
        return {name: self.part(name) for name in self.entry}

    @property
    def _value(self) -> Condition:
        if "value" in self.entry:
            return self.part("value")
        parts = ", ".join(f"{self.name}.{spelt(part)}" for part in self.entry)
        raise InvalidFilterException(detail=f"expected one of {parts}")


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-attribute of any entry."""

    entries: Entries
    name: str

    def __call__(self, operation: str, value: object) -> Q:
        condition, having = self.entries.entry[self.name], self.entries.having
        if operation == "ne":  # no entry has it
            return ~self("eq", value)
        found = having(condition(operation, value))
        is_null = operation == "eq" and value is None
        return found | ~self.entries(PRESENT, None) if is_null else found

    def access(self, operation: str, value: object) -> Access | None:
        return None

    @property
    def sort_key(self) -> Combinable:
        return self.entries.source.first(self.entries.entry[self.name].sort_key)


@dataclass(frozen=True, slots=True)
class Node:
    """A complex attribute, of which a filter can only say that it is there."""

    is_there: Q
    parts: tuple[str, ...]

    def __call__(self, operation: str, value: object) -> Q:
        if operation == PRESENT:
            return self.is_there
        raise InvalidFilterException(detail=f"expected one of {', '.join(self.parts)}")

    def access(self, operation: str, value: object) -> Access | None:
        return None

    @property
    def sort_key(self) -> Combinable:
        raise InvalidFilterException(detail=f"expected one of {', '.join(self.parts)}")
