"""When the recycle bin is emptied of whom: after its days, or later if support says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Membership, Organization, User
from chatwork_admin.synchronization import provisioning, recycling, tasks
from chatwork_admin.synchronization.models import Tombstone
from tests.conftest import actor_for
from tests.synchronization.test_provisioning import refused
from tests.synchronization.test_recycling import (
    assert_still_deleted,
    delete,
    managed_by,
    manager_of,
    provisioned,
    restore,
    team,
)

MIGRATION = import_module(
    "chatwork_admin.synchronization.migrations.0003_remember_who_was_deleted"
)


@pytest.fixture
def boss(acme: Organization) -> User:
    return provisioned(acme, "boss")


def ends(user: User, after: datetime) -> None:
    Tombstone.objects.filter(user=user).update(erase_after=after)


def test_deletion_says_when_the_end_is_and_who_asked_for_it(
    acme: Organization, alice: User, boss: User
) -> None:
    provisioning.deprovision_user(acme, boss.pk, actor=actor_for(alice))

    tombstone = Tombstone.objects.get(user=boss)
    boss.refresh_from_db()
    assert boss.deleted_at is not None
    assert tombstone.erase_after == boss.deleted_at + timedelta(days=30)
    assert tombstone.deleted_by == "alice@acme.test"


def test_the_recycle_bin_is_emptied_when_the_time_has_come(
    boss: User, bob: User
) -> None:
    for user in (boss, bob):
        delete(user)
    ends(boss, timezone.now() - timedelta(seconds=1))

    tasks.empty_recycle_bin()

    assert not User.objects.filter(pk=boss.pk).exists()
    assert_still_deleted(bob)
    event = AuditEvent.objects.get(action="user.purged")
    assert event.target["id"] == str(boss.pk)
    assert event.actor["kind"] == "system"


def test_who_was_deleted_without_a_tombstone_is_erased_in_time_too(
    bob: User, boss: User
) -> None:
    """The version before this one deletes so, until it is no more."""
    now = timezone.now()
    User.objects.filter(pk=bob.pk).update(deleted_at=now - timedelta(days=31))
    User.objects.filter(pk=boss.pk).update(deleted_at=now)

    assert recycling.empty_recycle_bin() == 1

    assert not User.objects.filter(pk=bob.pk).exists()
    assert Tombstone.objects.get().user == boss
    assert restore(boss).deleted_at is None


def test_more_than_a_batch_is_erased_at_once(
    acme: Organization, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recycling, "BATCH", 2)
    people = [boss, *(provisioned(acme, f"u{number}") for number in range(4))]
    for user in people:
        delete(user)
        ends(user, timezone.now() - timedelta(days=1))

    assert recycling.empty_recycle_bin() == len(people)
    assert not Tombstone.objects.exists()


def test_who_is_kept_longer_is_not_erased_before(
    acme: Organization, alice: User, boss: User, bob: User
) -> None:
    delete(boss)
    delete(bob)
    now = timezone.now()
    ends(boss, now - timedelta(seconds=1))
    ends(bob, now + timedelta(days=90))
    until = now + timedelta(days=60)

    recycling.extend(acme, until=until, actor=actor_for(alice), reason="CS-1")

    assert recycling.empty_recycle_bin() == 0
    assert Tombstone.objects.get(user=boss).erase_after == until
    assert Tombstone.objects.get(user=bob).erase_after == now + timedelta(days=90)
    event = AuditEvent.objects.get(action="recycle_bin.extended")
    assert event.target["id"] == str(acme.pk)
    assert event.context["reason"] == "CS-1"
    assert event.context["until"] == until.isoformat()
    assert event.context["users"] == 1


def test_keeping_nobody_longer_is_said_and_not_recorded(
    acme: Organization, globex: Organization, boss: User
) -> None:
    delete(boss)
    before = Tombstone.objects.get().erase_after

    for organization, days in ((acme, 29), (globex, 90)):
        until = timezone.now() + timedelta(days=days)
        with refused(recycling.NobodyToKeep):
            recycling.extend(organization, until=until, actor=SYSTEM)

    assert Tombstone.objects.get().erase_after == before
    assert not AuditEvent.objects.filter(action="recycle_bin.extended").exists()


def test_the_migration_remembers_those_who_were_deleted_before_it(
    acme: Organization, alice: User, boss: User
) -> None:
    group = team(acme, "営業部", boss)
    report = provisioned(acme, "report", **managed_by(boss))
    provisioning.deprovision_user(acme, boss.pk, actor=actor_for(alice))
    known = Tombstone.objects.values().get()
    Tombstone.objects.all().delete()

    MIGRATION.bury(apps, None)

    filled = Tombstone.objects.values().get()
    assert filled | {"id": None} == known | {"id": None}
    restore(boss)
    assert Membership.objects.get(user=boss).group == group
    assert manager_of(report) == str(boss.pk)
