"""Plans that PostgreSQL makes before it knows what is in its tables."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from scim import prepared
from scim.search import pages, searches
from tests.scim.crowds import crowd
from tests.scim.statements import plan, recorded

pytestmark = pytest.mark.django_db


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
