"""The number of users, kept by triggers, is always what counting them would say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.organizations.models import Organization, User
from tests.examples import DEAR

NUMBERS = st.integers(0, 7)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *["add", "suspend", "resume", "bin", "restore", "erase", "move"],
                *["rename", "link", "enter"],
            ]
        ),
        NUMBERS,
        NUMBERS,
    ),
    max_size=20,
)


def counted(organization: Organization) -> tuple[int, int, int, int]:
    present = organization.users.present()
    active = present.filter(is_active=True)
    return (
        present.count(),
        active.count(),
        present.exclude(linked_at=None).count(),
        active.exclude(last_login=None).count(),
    )


def add(organization: Organization, first: int, last: int) -> None:
    people = [
        User(organization=organization, user_name=each, user_name_key=each)
        for each in (f"user{number}@example.jp" for number in range(first, last))
    ]
    User.objects.bulk_create(people, ignore_conflicts=True)


def test_a_new_organization_has_its_administrator(acme: Organization) -> None:
    assert acme.user_count() == (1, 1, 0, 0)


@DEAR
@given(steps=STEPS)
def test_the_count_is_exact_after_any_change(
    acme: Organization, globex: Organization, steps: list[tuple[str, int, int]]
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "suspend": {"is_active": False},
        "resume": {"is_active": True},
        "bin": {"deleted_at": timezone.now()},
        "restore": {"deleted_at": None},
        "rename": {"title": "T"},
        "link": {"linked_at": timezone.now()},
        "enter": {"last_login": timezone.now()},
        "move": {"organization": globex},
    }
    members = User.objects.filter(role=User.Role.MEMBER)
    members.delete()

    for step, first, last in steps:
        names = [f"user{number}@example.jp" for number in range(first, last)]
        those = members.filter(user_name__in=names)
        if step == "add":
            add(acme, first, last)
        elif step == "erase":
            those.delete()
        elif step != "restore" or not those.filter(deleted_at=None).exists():
            those.distinct().update(**changes[step])

    assert acme.user_count() == counted(acme)
    assert globex.user_count() == counted(globex)


@pytest.mark.django_db(transaction=True)
def test_the_count_is_exact_after_concurrent_changes(acme: Organization) -> None:
    def change(worker: int) -> None:
        try:
            for number in range(worker * 100, worker * 100 + 10):
                add(acme, number, number + 1)
                mine = acme.users.filter(user_name=f"user{number}@example.jp")
                mine.update(is_active=bool(number % 3))
                if number % 2:
                    mine.update(deleted_at=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(change, range(6)))

    assert acme.user_count() == counted(acme)
    assert acme.user_count().present == 31  # five of each ten, and Alice


def test_the_count_is_one_statement(
    acme: Organization, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        acme.user_count()
