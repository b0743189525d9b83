"""In which order resources are listed (RFC 7644 §3.4.2.3), and where a page goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Greatest
from scim2_models import InvalidFilterException, InvalidValueException

from scim.documents.schemas import GROUP, USER
from scim.search.conditions import Conditions
from scim.search.cursors import Place
from scim.search.filters import find_condition

DIRECTIONS = {"ascending": False, "descending": True}
SORT_KEY = "sort_key"  # as which it is annotated
LIKE = {USER: "userName", GROUP: "displayName"}
CREATION = F("created_at")
SERVED = {CREATION, F("changed_at"), F("user_name_key")}  # never empty, indexed


@dataclass(frozen=True, slots=True)
class Order:
    """By a key; else as they came, which never changes (E15). `id` breaks every tie."""

    key: Combinable = CREATION
    is_descending: bool = False

    @property
    def is_served(self) -> bool:
        """Whether an index has the rows in this order."""
        return self.key in SERVED

    @property
    def is_of_creation(self) -> bool:
        return self.key == CREATION

    def backward(self) -> Order:
        return Order(self.key, not self.is_descending)

    def of(self, rows: QuerySet[Any], within: str = "") -> QuerySet[Any]:
        """Who has no value comes last if ascending and first if descending.

        `within`: a column that is the same in all rows, and whose index has the order.
        To be sorted by it first leaves PostgreSQL no other index to walk.
        """
        return self._by(rows, self.key, *([F(within)] if within else []))

    def without_index(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the same order, worded so that no index is believed to have it."""
        return self._by(rows, Greatest(self.key, self.key))

    def after(self, place: Place) -> Q:
        """Return which rows come after a place."""
        way = "lt" if self.is_descending else "gt"
        later = Q(**{f"id__{way}": place.id})
        key, is_missing = place.sort_value, Q(**{f"{SORT_KEY}__isnull": True})
        if key is None:
            same = is_missing & later
            return same | ~is_missing if self.is_descending else same
        beyond = Q(**{f"{SORT_KEY}__{way}": key}) | Q(**{SORT_KEY: key}) & later
        if self.is_descending or self.is_served:
            # Said twice, so that the range of an index begins there.
            return Q(**{f"{SORT_KEY}__{way}e": key}) & beyond
        return beyond | is_missing

    def _by(self, rows: QuerySet[Any], key: Combinable, *first: F) -> QuerySet[Any]:
        keyed: QuerySet[Any] = rows.annotate(**{SORT_KEY: key})
        keys = [*first, F(SORT_KEY), F("id")]
        return keyed.order_by(
            *(OrderBy(each, descending=self.is_descending) for each in keys)
        )


def order(sort_by: str, sort_order: str, schema: str, conditions: Conditions) -> Order:
    """Read sortBy and sortOrder. Raises InvalidValueException."""
    if not sort_by:
        return Order()
    condition = find_condition(sort_by, schema, conditions)
    if condition is None:
        raise InvalidValueException(
            detail=f'sortBy: "{sort_by}" is not there; expected one like {LIKE[schema]}'
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
