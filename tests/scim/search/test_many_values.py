"""Filters that ask for several values at once, joined by `or` (row J9)."""

from __future__ import annotations

import re

import pytest

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization.attributes import user_attributes
from scim.search import searches
from tests.scim.conftest import ENTERPRISE, Document, Provisioning
from tests.scim.crowds import analyze
from tests.scim.search.test_filter_plans import page_statement
from tests.scim.statements import plan

TERMS = 50  # the limit


def document(number: int) -> Document:
    """One of five has as many e-mails as are kept."""
    addresses = range(95 if number % 5 == 0 else 1)
    return {
        "userName": f"user{number}@example.jp",
        "emails": [{"value": f"User{number}-{each}@x.jp"} for each in addresses],
        ENTERPRISE: {"manager": {"value": f"m{number}"}},
    }


@pytest.fixture
def crowd(enabled_acme: Organization) -> searches.Collection:
    User.objects.bulk_create(
        User(
            organization=enabled_acme,
            document=said,
            **user_attributes(said).columns(),
        )
        for said in map(document, range(3000))
    )
    analyze()
    return searches.users_of(enabled_acme)


def asking(term: str, terms: int = TERMS) -> str:
    """A filter of as many terms as there may be; each means another person."""
    return " or ".join(term.format(5 * number) for number in range(terms))


VALUES = asking('value eq "user{}-94@x.jp"')


@pytest.mark.parametrize("mode", ["custom", "generic"])
def test_as_many_values_as_there_may_be_are_looked_up_in_one_index(
    crowd: searches.Collection, mode: str
) -> None:
    for expression in (
        asking('emails.value eq "user{}-94@x.jp"'),
        asking('emails eq "nobody{}"'),
        asking('emails[type eq "work" and value eq "user{}-0@x.jp"]', TERMS // 2),
        f"emails[{VALUES}]",
        asking('manager eq "m{}"'),
    ):
        search = searches.search_for(crowd, expression)
        explained = plan(page_statement(search), mode)

        assert "Bitmap Index Scan on user_by_lookup_key" in explained, explained
        assert "BitmapOr" not in explained
        assert not re.search("Seq Scan on organizations_user |user_by_c", explained)


def test_as_many_values_as_there_may_be_find_everybody_they_mean(
    entra: Provisioning, crowd: searches.Collection
) -> None:
    everybody = {f"user{5 * number}@example.jp" for number in range(TERMS)}
    some = {f"user{number}@example.jp" for number in (0, 7, 8)}

    for expression, meant in (
        (asking('emails.value eq "USER{}-94@x.jp"'), everybody),
        (f"emails[{VALUES}]", everybody),
        ('emails eq "user0-9@x.jp" or (manager eq "m7" or manager eq "m8")', some),
    ):
        assert set(entra.found(expression)) == meant


@pytest.mark.parametrize(
    "expression",
    [
        'emails eq "a" or emails pr',
        'emails eq "a" or not (emails eq "b")',
        'emails eq "a" or emails[type eq "work"]',
        'emails[value eq "a" or type eq "work"]',
        'emails eq "a" or title eq "b"',
    ],
)
def test_what_the_index_serves_in_part_only_it_does_not_serve(
    crowd: searches.Collection, expression: str
) -> None:
    search = searches.search_for(crowd, expression)

    assert search.filter
    assert search.filter.access is None
