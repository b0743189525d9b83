"""What is searched, and how its rows are reached: by an index wherever one serves.

PostgreSQL, asked for the first hundred in an order, would rather walk an index that has
the order than sort what another one finds; where few or none match, that is the whole
organization. So what an index finds in another order is found apart (record 0025).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact
from psycopg.errors import QueryCanceled
from scim2_models import TooManyException

from chatwork_admin.organizations import positions
from chatwork_admin.organizations.models import Organization, User
from scim import limits, prepared
from scim.documents.schemas import GROUP, USER
from scim.search import filters, sorting
from scim.search.comparisons import Access, Route
from scim.search.conditions import Conditions, group_conditions, user_conditions
from scim.search.cursors import Place
from scim.search.sorting import Order


class AnyOf(Func):
    """Whether a value is in an array, which is read once, before the rows."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Collection:
    """The users or the groups of one organization. `everybody`: those of all."""

    organization: Organization
    schema: str
    own: Callable[[], QuerySet[Any]]
    everybody: Callable[[], QuerySet[Any]]
    conditions: Conditions
    count: Callable[[], int]

    @property
    def rows(self) -> QuerySet[Any]:
        return self.own()

    @property
    def present(self) -> QuerySet[Any]:
        return self.everybody()

    def only(self, ids: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows with these ids; they are found first, without the rest."""
        return self.rows.filter(AnyOf(F("pk"), ArraySubquery(ids.values("pk"))))

    def one_of(self, unique: Q) -> QuerySet[Any]:
        """Return the row with something that nobody else has, if it is ours.

        The organization is compared as text, as no index has it: before the first
        ANALYZE, PostgreSQL may take the index of all our rows for as good.
        """
        mine = Exact(
            Cast("organization", TextField()), Value(str(self.organization.pk))
        )
        return self.present.filter(unique, mine)


def users_of(organization: Organization) -> Collection:
    return Collection(
        organization=organization,
        schema=USER,
        own=organization.users.present,
        everybody=User.objects.present,
        conditions=user_conditions(organization.pk),
        count=lambda: organization.user_count().present,
    )


def groups_of(organization: Organization) -> Collection:
    groups = organization.groups
    return Collection(
        organization=organization,
        schema=GROUP,
        own=groups.all,
        everybody=groups.all,
        conditions=group_conditions(organization.pk),
        count=groups.count,
    )


@dataclass(frozen=True, slots=True)
class Search:
    """A filter and an order on a collection."""

    collection: Collection
    filter: filters.Filter | None
    order: Order

    @property
    def is_served(self) -> bool:
        """Whether an index finds the rows, and has them in order or finds few."""
        route = self._route
        if route is Route.ORDERED:
            return self.order.is_served
        return route is not None and not self._has_many_keys

    def found(self) -> QuerySet[Any]:
        """Return the rows in no order."""
        rows = self._reached()
        return rows.filter(self.filter.condition) if self.filter else rows

    def rows(self, place: Place | None = None) -> QuerySet[Any]:
        """Return the rows, or those after a place, in order."""
        is_apart = self._route is Route.RANGE
        ordered = (
            self.order.without_index(self.found())
            if is_apart
            else self.order.of(self.found(), within=self._within)
        )
        return ordered.filter(self.order.after(place)) if place else ordered

    def ids(self, skipped: int, count: int) -> list[uuid.UUID]:
        """Return the ids of some of the rows.

        Whoever is skipped costs an entry of an index, but among all users.
        """
        if self.is_plain:
            return positions.users_at(self.collection.organization, skipped, count)
        return list(self.window(skipped, count).values_list("pk", flat=True))

    def places(self, place: Place | None, count: int) -> list[Place]:
        """Return the places of the rows after one, or of the first ones."""
        if self.is_plain and place:
            came_at = datetime.fromisoformat(str(place.sort_value))
            organization = self.collection.organization
            found = prepared.places_after(organization, came_at, place.id, count)
        else:
            found = list(self.rows(place).values_list("pk", sorting.SORT_KEY)[:count])
        return [Place(*values) for values in found]

    def backward(self) -> Search:
        """Return the same rows from the last to the first."""
        return replace(self, order=self.order.backward())

    @property
    def is_plain(self) -> bool:
        """Whether it is about all users, as they came."""
        is_all = self.filter is None and self.order == Order()
        return is_all and self.collection.schema == USER

    def window(self, skipped: int, count: int) -> QuerySet[Any]:
        return self.rows()[skipped : skipped + count]

    def total(self) -> int:
        return self.found().count() if self.filter else self.collection.count()

    @property
    def _access(self) -> Access | None:
        return self.filter.access if self.filter else None

    @property
    def _route(self) -> Route | None:
        if self.filter is None:
            return Route.ORDERED
        return self._access.route if self._access else None

    @property
    def _has_many_keys(self) -> bool:
        """Whether many values are looked up: few rows each, but together many."""
        return self._access is not None and len(self._access.keys) > 1

    @property
    def _within(self) -> str:
        is_as_they_came = self.order.is_of_creation
        return self._access.within if self._access and is_as_they_came else ""

    def _reached(self) -> QuerySet[Any]:
        """Return the rows that are to be looked at.

        The organization is a part of each lookup key. Said again in looking it up, it
        would lead a plan for any organization to the index of all its users.
        """
        collection, access = self.collection, self._access
        if access and access.route is Route.UNIQUE:
            return collection.one_of(access.subset)
        if access and access.route is Route.LOOKUP:
            return collection.only(collection.present.filter(access.subset))
        return collection.rows


def search_for(
    collection: Collection, expression: str, sort_by: str = "", sort_order: str = ""
) -> Search:
    """Read a filter, "" for none, and an order, as `filters.read`, `sorting.order`."""
    schema, conditions = collection.schema, collection.conditions
    read = filters.read(expression, schema, conditions) if expression else None
    order = sorting.order(sort_by, sort_order, schema, conditions)
    return Search(collection, read, order)


@contextmanager
def time_limit(*, is_served: bool) -> Iterator[None]:
    """Bound each query. Raises TooManyException for one that takes too long (§3.12)."""
    try:
        if is_served:
            yield
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {limits.QUERY_TIME}")
                yield
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooManyException(
                detail="This query takes too long; ask for less at once, or by one id, "
                "externalId, displayName or, for users, userName or emails.value."
            ) from error
        raise
