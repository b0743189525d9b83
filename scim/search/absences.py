"""What resources of one type lack and those of another have (RFC 7644 §3.4.2.1).

Where both are asked at once, an attribute that a type does not have is unassigned there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import Q, TextField, Value
from django.db.models.expressions import Combinable

from scim.search.comparisons import EVERYTHING, NOTHING, Access, Condition
from scim.search.conditions import Conditions
from scim.search.entries import Entries


def beside(own: Conditions, others: Mapping[str, Conditions]) -> Conditions:
    """Return a type's conditions and, unassigned, those of the other types, by schema."""
    found: dict[str, Condition] = {}
    for schema, conditions in others.items():
        for path, condition in conditions.items():
            absent = _absent(condition)
            found |= {path: absent, f"{schema.lower()}:{path}": absent}
    return {**found, **own}


def _absent(condition: Condition) -> Condition:
    if isinstance(condition, Entries):
        return replace(condition, source=_NoEntries(), lookup=None)
    return _Absent(condition)


@dataclass(frozen=True, slots=True)
class _Absent:
    """A comparison with no value, which is refused where the other type refuses it."""

    condition: Condition

    def __call__(self, operation: str, value: object) -> Q:
        self.condition(operation, value)
        is_equal = operation == "eq" and value is None
        is_unequal = operation == "ne" and value is not None
        return EVERYTHING if is_equal or is_unequal else NOTHING

    def access(self, operation: str, value: object) -> Access | None:
        return None

    @property
    def sort_key(self) -> Combinable:
        return Value(None, TextField())


class _NoEntries:
    """The source of an attribute without entries."""

    def having(self, inner: Q) -> Q:
        return NOTHING

    def is_there(self) -> Q:
        return NOTHING

    def first(self, key: Combinable) -> Combinable:
        return Value(None, TextField())
