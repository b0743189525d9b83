"""How a stored value is compared with what a filter says (RFC 7644 §3.4.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Collate, Lower
from django.db.models.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
    StartsWith,
)
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from scim2_models import InvalidFilterException

from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Membership
from scim.dialects import BOOLEANS
from scim.resources import identifier

PRESENT = "pr"
SUBSTRINGS = {"co": Contains, "sw": StartsWith, "ew": EndsWith}
ORDERINGS = {
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
    "lt": LessThan,
    "le": LessThanOrEqual,
}
NOTHING = Q(pk__in=[])
EVERYTHING = ~NOTHING

Condition = Callable[[str, object], Q]  # an operator or "pr", and what it compares with


class EntryExists(Func):
    """Whether an entry of a multi-valued attribute meets a condition; never a join."""

    template = "EXISTS (SELECT 1 FROM jsonb_array_elements(%(expressions)s))"
    arg_joiner = ") AS entry WHERE ("
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Text:
    """Compare texts; "" is what is unassigned. `prepare` makes a literal comparable."""

    stored: Combinable
    prepare: Callable[[str], Combinable]

    def __call__(self, operation: str, value: object) -> Q:
        present = ~Q(Exact(self.stored, Value("")))
        if operation == PRESENT:
            return present
        if value is None:
            return {"eq": ~present, "ne": present}.get(operation, NOTHING)
        if isinstance(value, bool | float):
            raise InvalidFilterException(detail="A text is compared with a text")
        literal = self.prepare(str(value))
        if operation in SUBSTRINGS:
            return Q(SUBSTRINGS[operation](self.stored, literal)) & present
        if operation in ORDERINGS:
            stored = Collate(self.stored, "C")
            return Q(ORDERINGS[operation](stored, literal)) & present
        equal = Q(Exact(self.stored, literal)) if value else NOTHING
        return ~equal if operation == "ne" else equal


def folded(column: str) -> Condition:
    """A column that is kept folded; its index serves."""
    return Text(F(column), lambda text: Value(fold(text)))


def case_exact(stored: Combinable) -> Condition:
    return Text(stored, Value)


def ignoring_case(stored: Combinable) -> Condition:
    return Text(Lower(stored), lambda text: Lower(Value(text)))


def boolean(stored: Combinable, *, as_text: bool = False) -> Condition:
    """A boolean, which clients also send as a text (Entra, F10)."""

    def condition(operation: str, value: object) -> Q:
        if operation == PRESENT:
            return ~Q(Exact(stored, Value(""))) if as_text else EVERYTHING
        wanted = BOOLEANS.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(wanted, bool):
            raise InvalidFilterException(detail="A boolean is compared with a boolean")
        literal = Value(str(wanted).lower() if as_text else wanted)
        return _equality(operation, Q(Exact(stored, literal)))

    return condition


def own_id(operation: str, value: object) -> Q:
    if operation == PRESENT:
        return EVERYTHING
    named = identifier(value)
    return _equality(operation, Q(pk=named) if named else NOTHING)


def instant(column: str) -> Condition:
    """§2.3.5; clients send more digits of a second than we keep (E10)."""

    def condition(operation: str, value: object) -> Q:
        if operation == PRESENT:
            return EVERYTHING
        try:
            read = parse_datetime(str(value))
        except ValueError:
            read = None
        if read is None or operation in SUBSTRINGS:
            raise InvalidFilterException(
                detail="A dateTime is compared with a dateTime"
            )
        moment = read if timezone.is_aware(read) else timezone.make_aware(read, UTC)
        if operation in ORDERINGS:
            return Q(ORDERINGS[operation](F(column), Value(moment)))
        return _equality(operation, Q(Exact(F(column), Value(moment))))

    return condition


def membership(mine: str, other: str) -> Condition:
    """Whether a user is in a group (E8, H17), seen from either."""

    def condition(operation: str, value: object) -> Q:
        links = Membership.objects.filter(
            **{mine: OuterRef("pk")}, organization=OuterRef("organization")
        )
        if operation == PRESENT:
            return Q(Exists(links))
        named = identifier(value)
        linked = Q(Exists(links.filter(**{other: named}))) if named else NOTHING
        return _equality(operation, linked)

    return condition


def _equality(operation: str, equal: Q) -> Q:
    if operation not in {"eq", "ne"}:
        raise InvalidFilterException(detail=f"{operation} does not apply here")
    return ~equal if operation == "ne" else equal


@dataclass(frozen=True, slots=True)
class Entries:
    """A multi-valued attribute; alone it means its `value` (§3.4.2.2)."""

    name: str
    entry: Mapping[str, Condition]

    def having(self, inner: Q) -> Q:
        return Q(EntryExists(KeyTransform(self.name, "document"), inner))

    def __call__(self, operation: str, value: object) -> Q:
        if operation == PRESENT:
            return Q(document__has_key=self.name)  # an empty list is never kept
        if "value" not in self.entry:
            raise InvalidFilterException(detail="Name a sub-attribute of it")
        return self.part("value")(operation, value)

    def part(self, name: str) -> Condition:
        def condition(operation: str, value: object) -> Q:
            if operation == "ne":  # no entry has it
                return ~self.having(self.entry[name]("eq", value))
            return self.having(self.entry[name](operation, value))

        return condition
