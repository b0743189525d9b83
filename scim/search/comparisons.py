"""How a stored value is compared with what a filter says (RFC 7644 §3.4.2.2).

Each comparison says as well by what its attribute is sorted (§3.4.2.3), and which index
serves it, if any does (`Access`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import NamedTuple, Protocol

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
)
from scim2_models import InvalidFilterException

from scim.documents.dialects import BOOLEANS

PRESENT = "pr"
ORDERINGS = {
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
    "lt": LessThan,
    "le": LessThanOrEqual,
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.A)
NOTHING = Q(pk__in=[])
EVERYTHING = ~NOTHING


class Route(IntEnum):
    """How an index serves a comparison; the least is the best."""

    UNIQUE = 0  # one at most, among all organizations
    ORDERED = 1  # those it finds lie there in the order of lists
    LOOKUP = 2  # few, in no order
    RANGE = 3  # as many as there may be, in another order


class Access(NamedTuple):
    """`subset`: what to look up, by which the rows are a few.

    `within`: the column in which the rows found are equal, if they may be many.
    `keys`: of the index of e-mails and managers, any of which is to be looked up.
    """

    route: Route
    subset: Q = EVERYTHING
    within: str = ""
    keys: tuple[str, ...] = ()


class Condition(Protocol):
    """What a filter can say of one attribute."""

    def __call__(self, operation: str, value: object) -> Q:
        """Compare, by an operator or "pr". Raises InvalidFilterException."""

    def access(self, operation: str, value: object) -> Access | None:
        """Say how an index serves a comparison that was read before."""

    @property
    def sort_key(self) -> Combinable:
        """By what resources are sorted; null where there is no value."""


def shared(column: str, value: object) -> Q:
    """Compare a column for equality, without saying so: see `Access.within`.

    Whatever is said to equal a constant, PostgreSQL leaves out of the order, and may
    then walk everybody in it, as many as it believes to share the value.
    """
    return Q(**{f"{column}__range": (value, value)})


# In the text of a statement, lest a plan for any parameter must do without an index
# whose condition says `<> ''`.
NO_TEXT = Func(template="''", output_field=TextField())


@dataclass(frozen=True, slots=True)
class TextBoolean:
    """A boolean of the document, which says `true`, `false` or nothing."""

    stored: Combinable

    def __call__(self, operation: str, value: object) -> Q:
        if operation == PRESENT:
            return ~Q(Exact(self.stored, NO_TEXT))
        if value is None:
            return equality(operation, Q(Exact(self.stored, NO_TEXT)))
        literal = Value(str(_boolean(value)).lower())
        return equality(operation, Q(Exact(self.stored, literal)))

    def access(self, operation: str, value: object) -> Access | None:
        return None

    @property
    def sort_key(self) -> Combinable:
        return NullIf(self.stored, NO_TEXT, output_field=TextField())


@dataclass(frozen=True, slots=True)
class Unordered:
    """A binary value: neither before another nor after it (§3.4.2.2)."""

    equal: Condition

    def __call__(self, operation: str, value: object) -> Q:
        if operation in ORDERINGS:
            raise InvalidFilterException(detail=f"{operation} does not apply here")
        return self.equal(operation, value)

    def access(self, operation: str, value: object) -> Access | None:
        return self.equal.access(operation, value)

    @property
    def sort_key(self) -> Combinable:
        return self.equal.sort_key


@dataclass(frozen=True, slots=True)
class Boolean:
    """A column that is true or false."""

    column: str

    def __call__(self, operation: str, value: object) -> Q:
        if operation == PRESENT:
            return EVERYTHING
        if value is None:
            return equality(operation, NOTHING)
        wanted = _boolean(value) == (operation == "eq")
        equality(operation, EVERYTHING)
        return shared(self.column, wanted)

    def access(self, operation: str, value: object) -> Access | None:
        is_read = operation != PRESENT and value is not None
        return Access(Route.ORDERED, within=self.column) if is_read else None

    @property
    def sort_key(self) -> Combinable:
        return F(self.column)


@dataclass(frozen=True, slots=True)
class Instant:
    """§2.3.5; clients send more digits of a second than we keep (E10)."""

    column: str

    def __call__(self, operation: str, value: object) -> Q:
        if operation == PRESENT:
            return EVERYTHING
        if value is None:
            return equality(operation, NOTHING)
        moment = _instant(value)
        if moment is None or operation not in {*ORDERINGS, "eq", "ne"}:
            raise InvalidFilterException(
                detail="expected a date and time, as in "
                'gt "2026-11-23T10:00:00+09:00" (in an address, + is %2B)'
            )
        if operation in ORDERINGS:
            return Q(ORDERINGS[operation](F(self.column), Value(moment)))
        return equality(operation, Q(Exact(F(self.column), Value(moment))))

    def access(self, operation: str, value: object) -> Access | None:
        if value is None or operation not in {*ORDERINGS, "eq"}:
            return None
        is_ordered = operation == "eq" or self.column == "created_at"
        return Access(Route.ORDERED if is_ordered else Route.RANGE)

    @property
    def sort_key(self) -> Combinable:
        return F(self.column)


def _boolean(value: object) -> bool:
    """Clients send booleans as texts too (Entra, F10)."""
    read = BOOLEANS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(read, bool):
        raise InvalidFilterException(detail="expected true or false")
    return read


def _instant(value: object) -> datetime | None:
    """Read an xsd:dateTime; without an offset, in UTC. None for anything else."""
    text = str(value).upper()
    try:
        read = datetime.fromisoformat(text) if INSTANT.fullmatch(text) else None
    except ValueError:  # no such day
        return None
    return read.replace(tzinfo=read.tzinfo or UTC) if read else None


def equality(operation: str, equal: Q) -> Q:
    if operation not in {"eq", "ne"}:
        raise InvalidFilterException(
            detail=f"{operation} does not apply here; expected eq, ne or pr"
        )
    return ~equal if operation == "ne" else equal
