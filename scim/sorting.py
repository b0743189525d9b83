"""In which order resources are listed (RFC 7644 §3.4.2.3), and where a page goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable, OrderBy
from scim2_models import InvalidFilterException, InvalidValueException

from scim.conditions import Conditions
from scim.cursors import Place
from scim.filters import find_condition

DIRECTIONS = {"ascending": False, "descending": True}
SORT_KEY = "sort_key"  # as which it is annotated


@dataclass(frozen=True, slots=True)
class Order:
    """By a key, or by id alone: that never changes (E15). `id` breaks every tie."""

    key: Combinable | None = None
    is_descending: bool = False

    @property
    def is_served(self) -> bool:
        """Whether an index has rows in this order: by a column that is never empty."""
        return self.key is None or isinstance(self.key, F)

    def of(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Who has no value comes last if ascending and first if descending."""
        if self.key is None:
            return rows.order_by("id")
        keyed: QuerySet[Any] = rows.annotate(**{SORT_KEY: self.key})
        return keyed.order_by(
            OrderBy(F(SORT_KEY), descending=self.is_descending),
            OrderBy(F("id"), descending=self.is_descending),
        )

    def after(self, place: Place) -> Q:
        """Return which rows come after a place."""
        way = "lt" if self.is_descending else "gt"
        later = Q(**{f"id__{way}": place.id})
        if self.key is None:
            return later
        key, is_missing = place.sort_value, Q(**{f"{SORT_KEY}__isnull": True})
        if key is None:
            same = is_missing & later
            return same | ~is_missing if self.is_descending else same
        beyond = Q(**{f"{SORT_KEY}__{way}": key}) | Q(**{SORT_KEY: key}) & later
        if self.is_descending or self.is_served:
            # Said twice, so that the range of an index begins there.
            return Q(**{f"{SORT_KEY}__{way}e": key}) & beyond
        return beyond | is_missing


def order(sort_by: str, sort_order: str, schema: str, conditions: Conditions) -> Order:
    """Read sortBy and sortOrder. Raises InvalidValueException."""
    if not sort_by:
        return Order()
    condition = find_condition(sort_by, schema, conditions)
    if condition is None:
        raise InvalidValueException(
            detail=f'sortBy: "{sort_by}" is not there; expected one like userName'
        )
    try:
        key = condition.sort_key
    except InvalidFilterException as error:
        raise InvalidValueException(detail=f'sortBy "{sort_by}": {error}') from error
    return Order(key, _is_descending(sort_order))


def _is_descending(sort_order: str) -> bool:
    said = (sort_order or "ascending").lower()
    if said not in DIRECTIONS:
        raise InvalidValueException(detail="sortOrder: expected ascending, descending")
    return DIRECTIONS[said]
