"""Which members of a group the filter of a path means (RFC 7644 §3.5.2)."""

from __future__ import annotations

import uuid
from functools import partial

from django.db.models import F, TextField, Value
from scim2_models.path import FilterNode

from chatwork_admin.organizations.models import Organization
from scim.representation import GROUPS, USERS
from scim.search import filters
from scim.search.conditions import Conditions
from scim.search.texts import Identity, ignoring_case

MEMBER: Conditions = {
    "value": Identity("pk"),
    "display": ignoring_case(F("display_name")),
    "type": ignoring_case(Value(GROUPS.entry_type, TextField())),
    "$ref": Identity("pk", partial(USERS.location, "")),
}


def members(
    organization: Organization,
    group_id: uuid.UUID,
    node: FilterNode,
    joining: frozenset[uuid.UUID],
) -> frozenset[uuid.UUID]:
    """Return the members, and those of who is joining, that meet a filter.

    How many terms it may have, `member_changes` says. Raises InvalidFilterException.
    """
    condition = filters.condition(node, MEMBER)
    people = organization.users.present().filter(condition)
    present = people.filter(
        memberships__organization=organization, memberships__group=group_id
    )
    found = {*present.values_list("pk", flat=True)}
    if joining:
        found |= {*people.filter(pk__in=joining).values_list("pk", flat=True)}
    return frozenset(found)
