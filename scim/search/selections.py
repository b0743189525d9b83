"""Which members of a group the filter of a path means (RFC 7644 §3.5.2)."""

from __future__ import annotations

import uuid
from functools import partial

from django.db.models import F, QuerySet, TextField, Value
from scim2_models.path import FilterNode

from chatwork_admin.organizations.models import Organization, User
from scim.documents.member_changes import Meant
from scim.representation import GROUPS, USERS
from scim.search import filters
from scim.search.conditions import Conditions
from scim.search.texts import Identity, ignoring_case

MEMBER: Conditions = {
    "value": Identity("pk"),
    "display": ignoring_case(F("display_name")),
    "type": ignoring_case(Value(GROUPS.entries.type, TextField())),
    "$ref": Identity("pk", partial(USERS.location, "")),
}


def members(
    organization: Organization,
    group_id: uuid.UUID,
    node: FilterNode,
    joining: frozenset[uuid.UUID],
) -> Meant:
    """Return the members, and those of who is joining, that meet a filter.

    And those in the recycle bin who remember the group. How many terms the filter may
    have, `member_changes` says. Raises InvalidFilterException.
    """
    people = organization.users.filter(filters.condition(node, MEMBER))
    present = _ids(
        people.present().filter(
            memberships__organization=organization, memberships__group=group_id
        )
    )
    if joining:
        present |= _ids(people.present().filter(pk__in=joining))
    remembering = organization.tombstones.filter(teams__contains=[str(group_id)])
    return Meant(present, _ids(people.filter(pk__in=remembering.values("user"))))


def _ids(people: QuerySet[User]) -> frozenset[uuid.UUID]:
    return frozenset(people.values_list("pk", flat=True))
