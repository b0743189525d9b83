"""How soon answers come that a client waits for no longer (row L6)."""

from __future__ import annotations

import time

import pytest

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Group, Membership, Organization, User
from tests.scim.conftest import GROUPS, Provisioning

OKTA_WAITS = 0.6  # seconds, for groups
SIZE, MEMBERS = 100, 200


def fill(organization: Organization) -> None:
    """A hundred groups, each of all users."""
    names = [f"user{number}@example.jp" for number in range(MEMBERS)]
    people = User.objects.bulk_create(
        User(
            organization=organization,
            user_name=name,
            user_name_key=name,
            document={"userName": name},
        )
        for name in names
    )
    groups = Group.objects.bulk_create(
        Group(
            id=new_id(),
            organization=organization,
            display_name=f"group {number}",
            display_name_key=f"group {number}",
            document={"displayName": f"group {number}"},
        )
        for number in range(SIZE)
    )
    Membership.objects.bulk_create(
        Membership(organization=organization, group=group, user=person)
        for group in groups
        for person in people
    )


@pytest.mark.parametrize("shown", [{}, {"attributes": "members.value"}])
def test_okta_has_its_page_of_groups_in_time(
    entra: Provisioning, enabled_acme: Organization, shown: dict[str, str]
) -> None:
    """Row L6: `GET /Groups?startIndex=1&count=100`, with all members, or a part of each."""
    fill(enabled_acme)
    times = []
    for _ in range(3):
        began = time.perf_counter()
        answer = entra.get(GROUPS, startIndex=1, count=100, **shown)
        times.append(time.perf_counter() - began)

    assert [len(each["members"]) for each in answer.resources] == [MEMBERS] * SIZE
    assert min(times) < OKTA_WAITS
