"""Somebody in the recycle bin is wanted by two at once: one gets him, and it is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Membership, Organization, User
from chatwork_admin.synchronization import admission, provisioning, recycling
from chatwork_admin.synchronization.models import Tombstone
from tests.processes import within
from tests.scim.crowds import as_owner
from tests.synchronization.test_gate_races import at_once
from tests.synchronization.test_recycling import delete, provisioned, team

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6
REFUSALS = (recycling.NotInRecycleBin, *admission.REFUSALS)


class Attempt:
    """An operation, and what it refused with."""

    def __init__(self, operation: Callable[[], object]) -> None:
        self.operation = operation
        self.refusal: Exception | None = None

    def __call__(self) -> None:
        try:
            self.operation()
        except REFUSALS as refusal:
            self.refusal = refusal


def restoring(user: User) -> Attempt:
    organization, user_id = user.organization, user.pk
    return Attempt(lambda: recycling.restore_user(organization, user_id, actor=SYSTEM))


def erasing(user: User) -> Attempt:
    organization, user_id = user.organization, user.pk
    return Attempt(lambda: recycling.erase_user(organization, user_id, actor=SYSTEM))


def creating(user: User) -> Attempt:
    organization, document = user.organization, {"userName": user.user_name}
    return Attempt(
        lambda: provisioning.provision_user(organization, document, actor=SYSTEM)
    )


def told(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def deleted(acme: Organization, name: str) -> User:
    user = provisioned(acme, name)
    team(acme, f"team of {name}", user)
    delete(user)
    return user


def test_whoever_clicks_twice_restores_once(acme: Organization) -> None:
    user = deleted(acme, "u")

    assert at_once(*[restoring(user)] * 4) == [""] * 4

    assert told("user.restored") == 1
    assert Membership.objects.get().user == user


def test_a_restoration_and_an_erasure_come_to_one_of_the_two(
    acme: Organization,
) -> None:
    for number in range(ROUNDS):
        user = deleted(acme, f"u{number}")
        restoration, erasure = restoring(user), erasing(user)

        assert at_once(restoration, erasure) == ["", ""]

        is_there = User.objects.filter(pk=user.pk, deleted_at=None).exists()
        assert (restoration.refusal is None) is is_there
        assert (erasure.refusal is None) is not is_there
        assert Membership.objects.filter(user=user).exists() is is_there
    assert told("user.restored") + told("user.purged") == ROUNDS
    assert not Tombstone.objects.exists()


def test_a_restoration_and_a_creation_come_to_one_user(acme: Organization) -> None:
    for number in range(ROUNDS):
        user = deleted(acme, f"u{number}")
        restoration, creation = restoring(user), creating(user)

        assert at_once(restoration, creation) == ["", ""]

        now = User.objects.get(user_name=user.user_name)
        assert now.deleted_at is None
        assert Membership.objects.get(group__display_name=f"team of u{number}") == (
            Membership.objects.get(user=now)
        )
        assert (now == user) is (restoration.refusal is None)
        assert (now == user) is isinstance(creation.refusal, admission.NotUnique)
    assert told("user.restored") == ROUNDS


def test_the_last_licence_restores_one_of_two(acme: Organization) -> None:
    people = [deleted(acme, name) for name in ("a", "b")]
    Organization.objects.filter(pk=acme.pk).update(licences=2)  # Alice has one
    attempts = [restoring(User.objects.get(pk=each.pk)) for each in people]

    assert at_once(*attempts) == ["", ""]

    refusals = [each.refusal for each in attempts if each.refusal is not None]
    assert [type(each) for each in refusals] == [admission.NoLicenceLeft]
    assert User.objects.present().count() == 2
    assert told("user.restored") == 1


HELD = "held back"
HOLDING = f"""
    CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(1) WHERE NEW.display_name = '{HELD}';
        RETURN NEW;
    END $$
"""
TRIGGER = """
    CREATE TRIGGER holding_back BEFORE INSERT ON organizations_user
    FOR EACH ROW EXECUTE FUNCTION hold_back()
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def held_back(acme: Organization) -> Iterator[CursorWrapper]:
    """Whoever has that display name is inserted once the lock is given back."""
    with as_owner() as cursor:
        cursor.execute(HOLDING)
        cursor.execute(TRIGGER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1)")
        yield cursor
    with as_owner() as cursor:
        cursor.execute("DROP FUNCTION hold_back CASCADE")


def test_who_comes_and_goes_while_a_creation_is_written_stays_in_the_recycle_bin(
    acme: Organization, held_back: CursorWrapper
) -> None:
    """Record 0033: both fall between what one statement looks at and what it writes.

    Not where licences may run out: creations take turns there.
    """
    acme.licences = 10 * admission.CREATING
    acme.save()

    def create() -> User:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")  # however busy the machine is
        try:
            return provisioned(acme, "u", displayName=HELD)
        finally:
            connection.close()

    def is_waiting() -> bool:
        held_back.execute(WAITING)
        return bool(held_back.fetchone() == (1,))

    with ThreadPoolExecutor(1) as thread:
        creation = thread.submit(create)
        assert within(30, is_waiting)
        former = deleted(acme, "u")
        held_back.execute("SELECT pg_advisory_unlock(1)")
        newcomer = creation.result()

    assert User.objects.present().get(user_name=former.user_name) == newcomer
    assert not Membership.objects.exists()
    delete(newcomer)
    assert restoring(former)() is None
    assert Membership.objects.get().user == former
