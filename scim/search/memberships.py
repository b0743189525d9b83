"""Memberships as entries: `groups` of a user and `members` of a group (E8, H17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from chatwork_admin.organizations.models import Membership
from scim.representation import GROUPS, USERS
from scim.search.comparisons import Condition
from scim.search.entries import Entries
from scim.search.texts import Identity, ignoring_case


class Checksum(Func):
    """What a user's tag says of the groups it is in, as `preconditions.tag` does."""

    template = (
        "coalesce('-' || left(encode(sha256(convert_to(nullif(array_to_string("
        "%(expressions)s, chr(10)), ''), 'UTF8')), 'hex'), 8), '')"
    )
    output_field = TextField()


@dataclass(frozen=True, slots=True)
class Memberships:
    """The links of a resource to others. `mine`, `other`: columns of Membership."""

    mine: str
    other: str
    display: str
    type: str
    address: Callable[[], str]

    def having(self, inner: Q) -> Q:
        return Q(Exists(self._links.filter(inner)))

    def is_there(self) -> Q:
        return Q(Exists(self._links))

    def first(self, key: Combinable) -> Combinable:
        return Subquery(self._in_order.annotate(first=key).values("first")[:1])

    def entries(self, name: str) -> Entries:
        parts: dict[str, Condition] = {
            "value": Identity(self.other),
            "display": ignoring_case(F(self.display)),
            "type": ignoring_case(Value(self.type, TextField())),
            "$ref": Identity(self.other, self.address),
        }
        return Entries(name, self, parts)

    @property
    def checksum(self) -> Combinable:
        named = _joined(Cast(self.other, TextField()), Value(" "), F(self.display))
        return Checksum(ArraySubquery(self._in_order.values_list(named)))

    @property
    def _links(self) -> QuerySet[Membership]:
        return Membership.objects.filter(
            **{self.mine: OuterRef("pk")}, organization=OuterRef("organization")
        )

    @property
    def _in_order(self) -> QuerySet[Membership]:
        return self._links.order_by(self.other)


def _joined(*texts: Combinable) -> Combinable:
    return Concat(*texts, output_field=TextField())


GROUPS_OF_USER = Memberships(
    mine="user",
    other="group_id",
    display="group__display_name",
    type=USERS.entries.type,
    address=partial(GROUPS.location, ""),
)
MEMBERS_OF_GROUP = Memberships(
    mine="group",
    other="user_id",
    display="user__display_name",
    type=GROUPS.entries.type,
    address=partial(USERS.location, ""),
)
VERSION = Cast("version", TextField())
TAG_OF_USER = _joined(Value('W/"'), VERSION, GROUPS_OF_USER.checksum, Value('"'))
TAG_OF_GROUP = _joined(Value('W/"'), VERSION, Value('"'))
