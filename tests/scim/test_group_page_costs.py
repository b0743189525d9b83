"""What a page of groups costs, for which Okta waits 600 ms (row L6).

How long it takes is measured by `python -m tests.scim.group_page_times`.
"""

from __future__ import annotations

import re

import pytest

from chatwork_admin.organizations.models import Membership, Organization
from tests.effort import steps
from tests.scim.conftest import GROUPS, Answer, Provisioning
from tests.scim.crowds import as_owner
from tests.scim.group_page_costs import SHOWN, SIZE, fill
from tests.scim.statements import plan, recorded

MEMBERS = 200
TABLES = ("organizations_user", "organizations_group", "organizations_membership")
WITH_MEMBERS = pytest.mark.parametrize(
    "shown", [shown for name, shown in SHOWN.items() if name != "no members"]
)


def page(entra: Provisioning, shown: dict[str, str]) -> Answer:
    """As Okta asks: `GET /Groups?startIndex=1&count=100`."""
    return entra.get(GROUPS, startIndex=1, count=SIZE, **shown)


@WITH_MEMBERS
def test_a_page_of_groups_costs_as_little_however_many_members_they_have(
    entra: Provisioning, enabled_acme: Organization, shown: dict[str, str]
) -> None:
    """Row L6: as many statements, and PostgreSQL writes the lists, not Python."""
    fill(enabled_acme, MEMBERS)
    page(entra, shown)  # the first contact is recorded

    costs = []
    for members in (MEMBERS, 5):
        with recorded() as statements:
            answer = page(entra, shown)
        costs.append((len(statements), steps(lambda: page(entra, shown))))
        assert [len(each["members"]) for each in answer.resources] == [members] * SIZE
        Membership.objects.exclude(user__user_name__regex="^user[0-4]@").delete()

    (statements_of_many, steps_of_many), (statements_of_few, steps_of_few) = costs
    assert statements_of_many == statements_of_few <= 6
    assert steps_of_many < 1.1 * steps_of_few


@WITH_MEMBERS
@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_each_member_on_a_page_of_groups_is_read_once(
    entra: Provisioning,
    enabled_acme: Organization,
    shown: dict[str, str],
    mode: str,
) -> None:
    """Row L6: not once for each of the hundred groups."""
    fill(enabled_acme, MEMBERS)
    with as_owner() as cursor:
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")
    with recorded() as statements:
        page(entra, shown)

    explained = plan(statements[-1], mode, how="(ANALYZE)")
    (read,) = re.findall(
        r" on organizations_membership .*actual .*rows=([\d.]+) loops=(\d+)", explained
    )
    rows, loops = map(float, read)
    assert rows * loops == MEMBERS * SIZE, explained
    assert "Rows Removed" not in explained
