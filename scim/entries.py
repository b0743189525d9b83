"""Attributes with several values: one entry must meet the whole condition.

Nothing here joins: a user is found once, however many entries match.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains
from django.db.models import (
    BooleanField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform
from django.db.models.lookups import Exact
from scim2_models import InvalidFilterException

from chatwork_admin.organizations.models import Membership
from chatwork_admin.synchronization.attributes import lookup_key
from scim.comparisons import (
    NO_TEXT,
    NOTHING,
    PRESENT,
    Access,
    Condition,
    Route,
    equality,
)
from scim.resources import identifier

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


@dataclass(frozen=True, slots=True)
class Entries:
    """A multi-valued attribute; alone it means its `value` (§3.4.2.2)."""

    name: str
    entry: Mapping[str, Condition]
    lookup: Lookup | None = None

    def having(self, inner: Q) -> Q:
        return Q(EntryExists(KeyTransform(self.name, "document"), inner))

    def __call__(self, operation: str, value: object) -> Q:
        if operation == PRESENT:
            return Q(document__has_key=self.name)  # an empty list is never kept
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
            return ~having(condition("eq", value))
        return having(condition(operation, value))

    def access(self, operation: str, value: object) -> Access | None:
        return None

    @property
    def sort_key(self) -> Combinable:
        key = self.entries.entry[self.name].sort_key
        listed = KeyTransform(self.entries.name, "document")
        return FirstEntry(key, listed, output_field=TextField())


@dataclass(frozen=True, slots=True)
class MembershipOf:
    """Whether a user is in a group (E8, H17), seen from either."""

    mine: str
    other: str

    def __call__(self, operation: str, value: object) -> Q:
        links = Membership.objects.filter(
            **{self.mine: OuterRef("pk")}, organization=OuterRef("organization")
        )
        if operation == PRESENT:
            return Q(Exists(links))
        if value is None:
            return equality(operation, ~Q(Exists(links)))
        named = identifier(value)
        linked = Q(Exists(links.filter(**{self.other: named}))) if named else NOTHING
        return equality(operation, linked)

    def access(self, operation: str, value: object) -> Access | None:
        return None

    @property
    def sort_key(self) -> Combinable:
        links = Membership.objects.filter(
            **{self.mine: OuterRef("pk")}, organization=OuterRef("organization")
        ).order_by(self.other)
        return Subquery(links.values(f"{self.other}_id")[:1])
