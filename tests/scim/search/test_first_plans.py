"""Plans that PostgreSQL makes before it knows what is in its tables."""

from __future__ import annotations

import re

import orjson
import pytest
from django.db.models import Q
from django.http import QueryDict

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.database.statements import fetch_all
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import at_once, grouping, provisioning
from chatwork_admin.synchronization.attributes import user_attributes
from scim import prepared
from scim.documents.projection import Projection
from scim.frequent import changes
from scim.frequent import reads as frequent_reads
from scim.representation import GROUPS, USERS
from scim.search import pages, searches
from tests.scim.crowds import as_owner, crowd
from tests.scim.statements import Statement, plan, recorded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def never_analyzed(db: None) -> None:
    """Forget how large tables and indexes were in other tests, and what they held."""
    with as_owner() as cursor:
        cursor.execute("TRUNCATE organizations_organization CASCADE")
        cursor.execute(
            "DELETE FROM pg_statistic WHERE starelid > 16383"
        )  # not PostgreSQL's


@pytest.mark.parametrize("mode", ["custom", "generic"])
@pytest.mark.parametrize(("ours", "everybody"), [(100, 10_000), (3000, 6000)])
@pytest.mark.parametrize("more", ["", " and active eq true"])
def test_a_match_is_served_before_the_first_analyze(
    ours: int, everybody: int, more: str, mode: str
) -> None:
    """Row J9: an import begins where there are no statistics yet."""
    users = searches.users_of(crowd(ours, everybody=everybody))
    asked = f'userName eq "person{everybody}@crowd.example"'

    with recorded() as statements:
        pages.page_at(searches.search_for(users, asked + more), 1, 100)
        prepared.matched(users.organization, QueryDict(f"filter={asked}"))

    for statement in (statements[0], statements[-1]):
        explained = plan(statement, mode)
        assert "unique_login_email" in explained
        assert "user_by_" not in explained


CROWDS = [(100, 10_000), (3000, 6000)]
SIZES = pytest.mark.parametrize(("ours", "everybody"), CROWDS)


def one_of(organization: Organization) -> User:
    return organization.users.order_by("-created_at")[0]


def reads(organization: Organization, user: User) -> list[Statement]:
    """What is asked when one user is read or written by his id."""
    with recorded() as statements:
        prepared.user(organization, user.pk)
        for statement in (frequent_reads.BY_ID, changes.MEANT):
            fetch_all(statement, prepared.asking(digest="x", key=user.pk))
        by_name = prepared.asking(digest="x", key=user.user_name_key)
        fetch_all(frequent_reads.BY_USER_NAME, by_name)
        provisioning._locked(organization, user.pk, None)
        kept = at_once.Kept(
            user.pk, organization.pk, "1", 1, {}, user.user_name_key, is_active=True
        )
        changed = at_once.change(kept, {"userName": user.user_name}, actor=SYSTEM)
        assert changed is not None
        fetch_all(*changed[1])
        row = at_once.newcomer(
            organization.pk, {}, user_attributes({"userName": "new@x.jp"})
        )
        at_once.create(row, 100_000, actor=SYSTEM)
        one = searches.users_of(organization).one_of(Q(pk=user.pk))
        USERS.rows(one, Projection())
    return statements


@SIZES
@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_one_user_is_found_before_the_first_analyze(
    ours: int, everybody: int, mode: str
) -> None:
    """Row J9: not by walking the users of his organization."""
    organization = crowd(ours, everybody=everybody)

    for statement in reads(organization, one_of(organization)):
        explained = plan(statement, mode)
        assert "user_by_" not in explained, statement[0] + explained
        assert "Seq Scan on organizations_user " not in explained, explained


@SIZES
@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_no_member_is_looked_for_among_all_who_join(
    ours: int, everybody: int, mode: str
) -> None:
    """Row H12: four thousand who joined an empty group took 20 seconds so."""
    organization = crowd(ours, everybody=everybody)
    people = frozenset(organization.users.values_list("pk", flat=True))

    with recorded() as statements:
        grouping.provision_group(
            organization, {"displayName": "All"}, people, actor=SYSTEM
        )

    joining = [each for each in statements if "joining AS" in each[0]]
    assert len(joining) == 1
    assert " Join " not in plan(joining[0], mode)


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_members_shown_are_not_looked_for_among_those_of_all_groups(mode: str) -> None:
    """Row L6: of a hundred groups, that would be a hundred times."""
    organization = crowd(100, everybody=1000)
    people = frozenset(organization.users.values_list("pk", flat=True))
    group = grouping.provision_group(
        organization, {"displayName": "All"}, people, actor=SYSTEM
    )

    with recorded() as statements:
        (row,) = GROUPS.rows(organization.groups.filter(pk=group.pk), Projection())

    explained = plan(statements[0], mode)
    assert len(orjson.loads(orjson.dumps(row.others))) == len(people)
    assert re.search(r"one_membership.*\n.*Index Cond: .*group_id = ", explained), (
        explained
    )


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_the_groups_of_a_page_of_users_are_listed_once(mode: str) -> None:
    """For each of two hundred users, that would take seconds."""
    organization = crowd(200, everybody=1000)
    people = list(organization.users.values_list("pk", flat=True))
    grouping.provision_group(
        organization, {"displayName": "All"}, frozenset(people), actor=SYSTEM
    )

    with recorded() as statements:
        shown = prepared.users(organization, people)

    explained = plan(statements[0], mode, how="(ANALYZE)")
    aggregates = re.findall(r"Aggregate .*loops=(\d+)", explained)
    assert len(shown) == len(people)
    assert aggregates == ["1"], explained
