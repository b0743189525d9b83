"""Filters by what the service provider itself says: ids, `meta`, `schemas`, members."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import ScimFilter

from chatwork_admin.organizations.models import Organization
from scim.documents import projection, resources
from scim.documents.schemas import GROUP_TYPE, USER_TYPE, ResourceType
from scim.representation import GROUPS as GROUPS_SHOWN
from scim.representation import USERS as USERS_SHOWN
from scim.search import searches
from tests.examples import DEAR
from tests.scim.conftest import CORE, ENTERPRISE, GROUP, GROUPS, USERS, address
from tests.scim.search.filter_expressions import (
    GROUP_ID,
    ID,
    combined,
    comparisons,
    populate,
)

LINKS = ["value", "display", "type", "$ref"]
COMMON = ["id", "schemas", "meta.resourceType", "meta.version", "externalId"]
OF_USERS = [*COMMON, "groups", *(f"groups.{part}" for part in LINKS)]
OF_GROUPS = [*COMMON, "displayName", "members", *(f"members.{part}" for part in LINKS)]
MEMBERS = {"ab": [1, 3], "B": [3], "山": []}  # of groups: places in DOCUMENTS
IDENTITIES = [
    str(ID),
    str(ID)[:2],
    str(ID).upper(),
    str(uuid.UUID(int=ID.int + 3)),
    "000-0000-000000000001",
    address(f"{USERS}/{ID}"),
    str(GROUP_ID),
    address(f"{GROUPS}/{GROUP_ID}"),
    address(USERS),
    "User",
    "user",
    "Group",
    "direct",
    CORE,
    ENTERPRISE.lower(),
    GROUP,
    'W/"1"',
    'W/"2-',
    "AB",
    "山",
]
MOMENTS = ["00:00:00Z", "00:00:01.0000009Z", "09:00:02+09:00", "00:00:02.5Z"]


INSTANTS = st.builds(
    'meta.created {} "2026-01-01T{}"'.format,
    st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]),
    st.sampled_from(MOMENTS),
)


def of_the_provider(attributes: list[str], links: str) -> st.SearchStrategy[str]:
    """What a filter says of what we ourselves say of a resource."""
    words = st.sampled_from(IDENTITIES)
    linked = combined(comparisons(LINKS, words), 3)
    return combined(
        st.one_of(
            comparisons(attributes, words),
            st.builds(f"{links}[{{}}]".format, linked),
            INSTANTS,
            st.just("meta pr"),
        ),
        4,
    )


@pytest.fixture
def populated(acme: Organization) -> Organization:
    populate(acme)
    return acme


def found_alike(
    collection: searches.Collection,
    shown: Any,
    resource_type: ResourceType,
    expression: str,
) -> None:
    """The library finds by what clients are shown, and sees all of it."""
    bound = ScimFilter.__class_getitem__(resource_type.model)(expression)
    ours = collection.rows.filter(pk__gte=ID).order_by("created_at")
    rows = shown.rows(ours, projection.Projection())
    resources_shown = [orjson.loads(orjson.dumps(shown.resource(row))) for row in rows]
    expected = [
        each["id"]
        for each in resources_shown
        if bound.match(resources.load(resource_type, each))
    ]

    search = searches.search_for(collection, expression)
    found = [str(row.pk) for row in search.window(0, 100) if row.pk >= ID]

    assert found == expected
    assert search.total() == len(search.window(0, 100))


@DEAR
@given(expression=of_the_provider(OF_USERS, "groups"))
def test_users_are_found_by_all_that_is_said_of_them(
    populated: Organization, expression: str
) -> None:
    """Row E9; RFC 7644 §3.4.2.2."""
    users = searches.users_of(populated)

    found_alike(users, USERS_SHOWN, USER_TYPE, expression)


@DEAR
@given(expression=of_the_provider(OF_GROUPS, "members"))
def test_groups_are_found_by_all_that_is_said_of_them(
    populated: Organization, expression: str
) -> None:
    """Row E9; RFC 7644 §3.4.2.2."""
    groups = searches.groups_of(populated)

    found_alike(groups, GROUPS_SHOWN, GROUP_TYPE, expression)
