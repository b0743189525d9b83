"""Users by number: exactly as if all were counted, whoever comes and goes meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from random import Random
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from chatwork_admin.database.statements import fetch_all
from chatwork_admin.organizations import positions
from chatwork_admin.organizations.models import Organization, User
from tests.examples import DEAR
from tests.scim.crowds import SINCE

CHANGES = st.tuples(
    st.sampled_from(["come", "bin", "restore", "erase", "move", "age", "close"]),
    st.integers(0, 30),
)


@pytest.fixture(autouse=True)
def small_segments(acme: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alice came first."""
    monkeypatch.setattr(positions, "SIZE", 3)
    monkeypatch.setattr(positions, "BLOCK", 2)
    acme.users.update(created_at=SINCE - timedelta(days=1))


def come(organization: Organization, seconds: int, name: str = "") -> None:
    name = name or str(uuid4())
    User.objects.create(
        organization=organization,
        user_name=name,
        user_name_key=name,
        created_at=SINCE + timedelta(seconds=seconds),
    )


def change(
    organization: Organization, other: Organization, what: str, number: int
) -> None:
    everybody = User.objects.filter(role=User.Role.MEMBER).order_by("user_name_key")
    one = everybody.filter(pk__in=everybody.values("pk")[number : number + 1])
    match what:
        case "come":
            come(organization, number)
        case "bin":
            one.update(deleted_at=timezone.now())
        case "restore":
            one.update(deleted_at=None)
        case "erase":
            one.delete()
        case "move":
            one.update(organization=other)
        case "age":
            one.update(created_at=SINCE + timedelta(seconds=number))
        case "close":
            positions.close_segments(organization)


def in_order(organization: Organization) -> list[object]:
    present = organization.users.present().order_by("created_at", "id")
    return list(present.values_list("pk", flat=True))


def is_exact(organization: Organization) -> None:
    expected = in_order(organization)
    for skipped in range(len(expected) + 2):
        found = positions.users_at(organization, skipped, 4)
        assert found == expected[skipped : skipped + 4]


@DEAR
@given(changes=st.lists(CHANGES, max_size=25), before=st.integers(0, 25))
def test_the_nth_user_is_the_nth_whoever_came_and_went(
    acme: Organization,
    globex: Organization,
    changes: list[tuple[str, int]],
    before: int,
) -> None:
    """Row E15."""
    savepoint = transaction.savepoint()
    for number in range(before):
        come(acme, number)
    positions.close_segments(acme)
    for what, number in changes:
        change(acme, globex, what, number)

    is_exact(acme)
    is_exact(globex)
    transaction.savepoint_rollback(savepoint)


def test_who_is_asked_for_far_behind_closes_segments(acme: Organization) -> None:
    for number in range(20):
        come(acme, number)

    positions.users_at(acme, 2, 4)
    assert not acme.usersegments.exists()
    positions.users_at(acme, 10, 4)
    assert [each.users for each in acme.usersegments.all()] == [3] * 7
    assert [each.users for each in acme.userblocks.all()] == [6] * 3


def test_who_comes_last_is_in_no_segment_and_who_goes_leaves_his(
    acme: Organization,
) -> None:
    for number in range(6):
        come(acme, number)
    positions.close_segments(acme)

    def segments() -> list[int]:
        ordered = acme.usersegments.order_by("last_created_at")
        return [each.users for each in ordered]

    come(acme, 100)
    assert segments() == [3, 3]
    come(acme, 0)
    assert segments() == [4, 3]
    acme.users.filter(created_at=SINCE).update(deleted_at=SINCE)
    assert segments() == [2, 3]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_closed_while_somebody_comes(acme: Organization) -> None:
    """Whoever is not yet committed would be left out, or counted twice."""
    for number in range(8):
        come(acme, number)

    with transaction.atomic():
        come(acme, 3)
        in_a_connection_of_its_own(lambda: positions.close_segments(acme))
        assert not acme.usersegments.exists()
    in_a_connection_of_its_own(lambda: positions.close_segments(acme))
    assert acme.usersegments.count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_nth_user_is_the_nth_in_the_midst_of_changes(acme: Organization) -> None:
    """Each reader sees one moment, in which segments and users agree."""

    def write(worker: int) -> None:
        random = Random(worker)
        for number in range(25):
            come(acme, random.randrange(50), f"{worker}-{number}")
            name = f"{worker}-{random.randrange(25)}"
            gone = random.choice([None, timezone.now()])
            acme.users.filter(user_name_key=name).update(deleted_at=gone)

    def read() -> None:
        for skipped in range(0, 60, 3):
            positions.close_segments(acme)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                at = {"organization": acme.pk, "skipped": skipped, "count": 5}
                found = [row[0] for row in fetch_all(positions.USERS_AT, at)]
                assert found == in_order(acme)[skipped : skipped + 5]

    works = [partial(write, worker) for worker in range(4)] + [read, read]
    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(in_a_connection_of_its_own, works))

    assert acme.usersegments.exists()
    is_exact(acme)


def in_a_connection_of_its_own(work: Callable[[], object]) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = ThreadPoolExecutor(1)
    thread.submit(run).result()
