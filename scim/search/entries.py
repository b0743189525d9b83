"""Attributes with several values: one entry must meet the whole of what is said.

Nothing here joins: a user is found once, however many entries match.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact, IsNull
from scim2_models import InvalidFilterException

from chatwork_admin.synchronization.attributes import lookup_key
from scim.search.comparisons import NO_TEXT, PRESENT, Access, Condition, Route

Lookup = Callable[[object], Q]


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


def lookup(organization: uuid.UUID, attribute: str) -> Lookup:
    """Return which users the index finds by a value; others may share the digest."""

    def looked_up(value: object) -> Q:
        key = f"{organization}{lookup_key(attribute, str(value))}"
        keys = LookupKeys(F("organization_id"), F("lookup_keys"))
        wanted = Value([key], output_field=keys.output_field)
        return Q(DataContains(keys, wanted)) & ~Q(Exact(F("lookup_keys"), NO_TEXT))

    return looked_up


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A comparison whose `eq` the index of e-mails and managers serves."""

    condition: Condition
    lookup: Lookup

    def __call__(self, operation: str, value: object) -> Q:
        found = self.condition(operation, value)
        is_served = self.access(operation, value) is not None
        return found & self.lookup(value) if is_served else found

    def access(self, operation: str, value: object) -> Access | None:
        is_served = operation == "eq" and value not in {None, ""}
        return Access(Route.LOOKUP, self.lookup(value)) if is_served else None

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
    def _value(self) -> Condition:
        if "value" in self.entry:
            return self.part("value")
        parts = ", ".join(f"{self.name}.{part}" for part in self.entry)
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
