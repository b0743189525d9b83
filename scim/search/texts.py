"""How texts are compared, with or without their letter case (RFC 7644 §3.4.2.2)."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Collate, Concat, Left, Lower, NullIf
from django.db.models.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThanOrEqual,
    LessThan,
    StartsWith,
)
from scim2_models import InvalidFilterException

from chatwork_admin.organizations.folding import fold
from scim.documents.resources import identifier
from scim.search.comparisons import (
    EVERYTHING,
    NO_TEXT,
    NOTHING,
    ORDERINGS,
    PRESENT,
    Access,
    Condition,
    Route,
    equality,
    shared,
)

SUBSTRINGS = {"co": Contains, "sw": StartsWith, "ew": EndsWith}
SURROGATES = 0xD800  # where they start; no text holds one
SORTED_LENGTH = 256  # characters by which texts are sorted: a cursor carries them


@dataclass(frozen=True, slots=True)
class Text:
    """Compare texts; "" is what is unassigned. `prepare` makes a literal comparable."""

    stored: Combinable
    prepare: Callable[[str], Combinable]
    is_indexed: bool = False
    has_prefixes: bool = False  # its index, in the order of code points, serves `sw`
    is_required: bool = False
    is_unique: bool = False  # among all users: so found without the rest
    shared_by: str = ""  # the column, where many have the same text

    def __call__(self, operation: str, value: object) -> Q:
        present = EVERYTHING if self.is_required else ~Q(Exact(self.stored, NO_TEXT))
        if operation == PRESENT:
            return present
        if value is None:
            return {"eq": ~present, "ne": present}.get(operation, NOTHING)
        if isinstance(value, bool | float):
            raise InvalidFilterException(detail='expected a text, as in eq "x"')
        return self._compared(operation, str(value), present)

    def _compared(self, operation: str, text: str, present: Q) -> Q:
        literal = self.prepare(text)
        if operation == "sw" and self.has_prefixes and text:
            return self._prefixed(text) & present
        if operation in SUBSTRINGS:
            return Q(SUBSTRINGS[operation](self.stored, literal)) & present
        if operation in ORDERINGS:
            stored = Collate(self.stored, "C")
            return Q(ORDERINGS[operation](stored, literal)) & present
        equal = self._equal(text) & present if text else NOTHING
        return ~equal if operation == "ne" else equal

    def _equal(self, text: str) -> Q:
        if self.shared_by:
            return shared(self.shared_by, self.prepare(text))
        return Q(Exact(self.stored, self.prepare(text)))

    def _prefixed(self, text: str) -> Q:
        prefix = fold(text)
        above = following(prefix)
        found = Q(GreaterThanOrEqual(self.stored, Value(prefix)))
        return found & Q(LessThan(self.stored, Value(above))) if above else found

    def access(self, operation: str, value: object) -> Access | None:
        if operation == "eq" and self.is_unique and value is not None:
            return Access(Route.UNIQUE, self._equal(str(value)))
        if operation == "eq" and self.is_indexed and value is not None:
            return Access(Route.ORDERED, within=self.shared_by)
        if operation == "sw" and self.has_prefixes and value:
            return Access(Route.RANGE)
        return None

    @property
    def sort_key(self) -> Combinable:
        if self.is_required:
            return self.stored
        shown = Left(Collate(self.stored, "C"), SORTED_LENGTH)
        return NullIf(shown, NO_TEXT, output_field=TextField())


def following(prefix: str) -> str:
    """Return the least text above all that start with `prefix`; "" if there is none."""
    kept = prefix.rstrip(chr(sys.maxunicode))
    if not kept:
        return ""
    after = ord(kept[-1]) + 1
    return kept[:-1] + chr(0xE000 if after == SURROGATES else after)


@dataclass(frozen=True, slots=True)
class Identity:
    """The id that we gave, in a column, or an address that ends with it.

    It is compared as a text, and found as what it is: by an index.
    """

    column: str
    address: Callable[[], str] = str

    def __call__(self, operation: str, value: object) -> Q:
        text = Cast(self.column, TextField())
        stored = Concat(Value(self.address()), text, output_field=TextField())
        compared = Text(stored, Value, is_required=True)(operation, value)
        if value is None or operation not in {"eq", "ne"}:
            return compared
        return equality(operation, self._named(str(value)))

    def access(self, operation: str, value: object) -> Access | None:
        is_served = operation == "eq" and value is not None
        return Access(Route.ORDERED) if is_served else None

    @property
    def sort_key(self) -> Combinable:
        return F(self.column)

    def _named(self, text: str) -> Q:
        address = self.address()
        named = identifier(text.removeprefix(address))
        is_ours = text.startswith(address) and named is not None
        return Q(**{self.column: named}) if is_ours else NOTHING


def folded(
    column: str,
    *,
    is_indexed: bool = True,
    has_prefixes: bool = False,
    is_required: bool = False,
    is_shared: bool = False,
    is_unique: bool = False,
) -> Condition:
    """A column that is kept folded; its index serves."""
    return Text(
        F(column),
        lambda text: Value(fold(text)),
        is_indexed=is_indexed,
        has_prefixes=has_prefixes,
        is_required=is_required,
        is_unique=is_unique,
        shared_by=column if is_shared else "",
    )


def case_exact(stored: Combinable, *, is_indexed: bool = False) -> Condition:
    return Text(stored, Value, is_indexed=is_indexed)


def ignoring_case(stored: Combinable) -> Condition:
    normalized = Func(stored, function="NORMALIZE", output_field=TextField())
    return Text(
        Lower(normalized), lambda text: Lower(Value(unicodedata.normalize("NFC", text)))
    )
