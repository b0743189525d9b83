"""Whatever clients match users by is found by an index, in a crowd among crowds.

The plans are those of the statements that the product issues, both for these
parameters and, as prepared statements may come to it, for any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from chatwork_admin.organizations.models import Organization
from scim.documents.projection import parse
from scim.search import pages, searches
from scim.search.cursors import Place
from tests.scim.crowds import SINCE, analyze, crowd, probes
from tests.scim.statements import Statement, plan, recorded

pytestmark = pytest.mark.django_db

OURS, EVERYBODY = 100_000, 120_000
WHOLE = parse(None, None)
MODES = ["custom", "generic"]


@pytest.fixture(scope="module")
def crowded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Organization]:
    """Everything here happens in one transaction, which is never committed."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            organization = crowd(OURS, everybody=EVERYBODY)
            analyze()
            yield organization
            transaction.set_rollback(True)
        connection.close()


def page_statement(search: searches.Search, start_index: int = 1) -> Statement:
    """The statement that reads a page; the one that counts comes after it."""
    with recorded() as statements:
        pages.page_at(search, start_index, 100)
    return statements[0]


def indexes(explained: str) -> set[str]:
    assert "Seq Scan on organizations_user " not in explained, explained
    return set(re.findall(r"(?:using|Scan on) (\w*user_\w+|unique_\w+)", explained))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("expression", "index"), probes(EVERYBODY).items())
def test_what_clients_match_by_is_served_by_its_index(
    crowded: Organization, expression: str, index: str, mode: str
) -> None:
    """Rows E4 and J9."""
    search = searches.search_for(searches.users_of(crowded), expression)

    explained = plan(page_statement(search), mode)

    assert search.is_served
    assert index in indexes(explained), explained
    assert not indexes(explained) & {"user_by_creation"} - {index}, explained


@pytest.mark.parametrize("mode", MODES)
def test_a_deep_page_skips_entries_of_an_index_and_not_rows(
    crowded: Organization, mode: str
) -> None:
    search = searches.search_for(searches.users_of(crowded), "")

    explained = plan(page_statement(search, 50_001), mode)

    assert "Index Only Scan using user_by_creation" in explained, explained


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("is_backward", [False, True])
@pytest.mark.parametrize(
    ("sort_by", "index"),
    [
        ("", "user_by_creation"),
        ("meta.created", "user_by_creation"),
        ("userName", "user_by_user_name"),
        ("meta.lastModified", "user_by_change"),
    ],
)
def test_a_page_from_a_cursor_begins_where_the_last_one_ended(
    crowded: Organization, sort_by: str, index: str, mode: str, *, is_backward: bool
) -> None:
    search = searches.search_for(searches.users_of(crowded), "", sort_by)
    value = "person5" if sort_by == "userName" else SINCE
    place = Place(crowded.users.earliest("created_at").pk, value)

    ask = pages.page_before if is_backward else pages.page_from
    with recorded() as statements:
        ask(search, place, 100, len)
    explained = plan(statements[0], mode)

    assert index in indexes(explained), explained
    condition = re.search(r"Index Cond: .*", explained)
    assert condition
    assert ("<" if is_backward else ">") in condition[0], explained
    assert sort_by or "Sort" not in explained, explained


def test_who_only_some_filters_find_is_looked_for_with_a_limit_of_time(
    crowded: Organization,
) -> None:
    users = searches.users_of(crowded)

    for expression in ('name.familyName eq "F1"', 'title co "x"', 'title ne "t1"'):
        assert not searches.search_for(users, expression).is_served
