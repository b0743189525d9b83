"""What a page of groups with their members costs: for `group_page_times`."""

from __future__ import annotations

from statistics import median
from time import perf_counter

from django.db import connection, transaction
from django.test import Client

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Group, Organization, User
from tests.conftest import enable
from tests.portal.page_costs import administrator
from tests.scim.conftest import GROUPS
from tests.scim.crowds import as_owner, crowd

SIZE = 100
OKTA_WAITS = 600  # milliseconds, for groups (row L6)
SHOWN: dict[str, dict[str, str]] = {
    "all of each member": {},
    "a part of each": {"attributes": "members.value"},
    "no members": {"excludedAttributes": "members"},
}
TIMES = 5
MEMBERSHIPS = """
INSERT INTO organizations_membership (organization_id, group_id, user_id)
SELECT g.organization_id, g.id, u.id
FROM organizations_group g JOIN organizations_user u USING (organization_id)
WHERE organization_id = %s AND u.user_name LIKE 'user%%'
"""


def fill(organization: Organization, members: int) -> None:
    """Make a hundred groups, each of so many new users, the same in all."""
    names = [f"user{number}@example.jp" for number in range(members)]
    User.objects.bulk_create(
        User(
            organization=organization,
            user_name=name,
            user_name_key=name,
            document={"userName": name},
        )
        for name in names
    )
    Group.objects.bulk_create(
        Group(
            id=new_id(),
            organization=organization,
            display_name=f"group {number}",
            display_name_key=f"group {number}",
            document={"displayName": f"group {number}"},
        )
        for number in range(SIZE)
    )
    with connection.cursor() as cursor:
        cursor.execute(MEMBERSHIPS, [organization.pk])


def print_times(sizes: list[int]) -> None:
    """Print milliseconds, and their share of what Okta waits, by members of a group."""
    columns = [_times(size) for size in sizes]
    print("| shown |", " | ".join(f"{size:,}" for size in sizes), "|")
    print("|---|", "--:|" * len(sizes), sep="")
    for name in SHOWN:
        print(f"| {name} |", " | ".join(_said(each[name]) for each in columns), "|")


def _times(members: int) -> dict[str, float]:
    with transaction.atomic(), as_owner() as cursor:
        cursor.execute("TRUNCATE organizations_organization, audit_auditevent CASCADE")
        organization = crowd(1, everybody=2)
        administrator(organization)
        enable(organization)
        fill(organization, members)
    with as_owner() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _, token = tokens.issue(organization, name="Okta", expires_at=None, actor=SYSTEM)
    okta = Client(headers={"authorization": f"Bearer {token}"}, SERVER_NAME="localhost")
    return {name: _milliseconds(okta, shown) for name, shown in SHOWN.items()}


def _milliseconds(okta: Client, shown: dict[str, str]) -> float:
    return 1000 * median(_seconds(okta, shown) for _ in range(TIMES))


def _seconds(okta: Client, shown: dict[str, str]) -> float:
    began = perf_counter()
    asked: dict[str, str | int] = {"startIndex": 1, "count": SIZE, **shown}
    answer = okta.get(GROUPS, asked)
    seconds = perf_counter() - began
    assert answer.status_code == 200, answer.content
    return seconds


def _said(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ({milliseconds / OKTA_WAITS:.0%})"
