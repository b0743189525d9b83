"""Entries of `groups` and of `members`, as JSON that PostgreSQL composes.

A page may show a hundred thousand of them: to read, project and serialize each here
would take seconds. The parts that nobody wants to see are not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from django.db.models import F, Func, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from chatwork_admin.organizations.models import Membership
from scim.locations import location

PARTS = ("value", "$ref", "type", "display")  # last, for it may be missing


class Joined(Func):
    """Texts one after another, without those that are null."""

    function = "concat"
    output_field = TextField()


class Listed(Func):
    """The texts that a query finds, in its order, with commas; null if there are none.

    The order leads PostgreSQL to the index of both sides, even where it does not know
    yet how much is in the table.
    """

    template = "(SELECT string_agg(entry, ',') FROM %(expressions)s AS entries (entry))"
    output_field = TextField()


class Named(Func):
    """A name, and a text as JSON; null if there is no text."""

    template = "(%(expressions)s, '')))"
    arg_joiner = " || to_json(nullif("
    output_field = TextField()


@dataclass(frozen=True, slots=True)
class Entries:
    """What shows the memberships of a resource, by columns of Membership."""

    mine: str  # the resource
    other: str  # whom an entry names
    display: str
    type: str
    others: str  # the collection of whom entries name

    def of(self, resource: object, organization: object, parts: Sequence[str]) -> str:
        """Return the entries of one resource, without the brackets of a list."""
        mine = {self.mine: resource, "organization": organization}
        return ",".join(self._texts(mine, parts))

    def of_each(self, parts: Sequence[str]) -> Combinable:
        """Return the same for each row of a query of resources; null where none are."""
        mine = {self.mine: OuterRef("pk"), "organization": OuterRef("organization")}
        return Listed(Subquery(self._texts(mine, parts)))

    def _texts(
        self, mine: Mapping[str, object], parts: Sequence[str]
    ) -> QuerySet[Membership, str]:
        links = Membership.objects.filter(**mine).order_by("group_id", "user_id")
        return links.values_list(self._entry(parts), flat=True)

    def _entry(self, parts: Sequence[str]) -> Combinable:
        composed: list[Combinable] = []
        for name in PARTS:
            if name in parts:
                composed += self._part(name, "," if composed else "")
        return Joined(_text("{"), *composed, _text("}"))

    def _part(self, name: str, comma: str) -> list[Combinable]:
        before = f'{comma}"{name}":'
        match name:
            case "value":
                return [_text(f'{before}"'), F(self.other), _text('"')]
            case "$ref":
                address = orjson.dumps(location(self.others, "")).decode()
                return [_text(before + address[:-1]), F(self.other), _text('"')]
            case "type":
                return [_text(f'{before}"{self.type}"')]
            case _:  # §2.5: left out where there is none
                return [Named(_text(before), F(self.display))]


def _text(said: str) -> Combinable:
    """Return a text as such: `concat` takes anything, so that PostgreSQL asks which."""
    return Cast(Value(said), TextField())
