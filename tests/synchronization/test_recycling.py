"""Who was deleted comes back whole, or is erased at an administrator's word."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Group, Membership, Organization, User
from chatwork_admin.synchronization import (
    admission,
    grouping,
    provisioning,
    recycling,
)
from chatwork_admin.synchronization.attributes import ENTERPRISE_USER, Document
from chatwork_admin.synchronization.models import Tombstone
from tests.conftest import actor_for
from tests.synchronization.test_provisioning import recorded, refused

RESTORATION = {"deleted_at", "changed_at", "version", "session_epoch"}


def provisioned(organization: Organization, name: str, **more: Any) -> User:
    document = {"userName": f"{name}@example.jp", "active": True, **more}
    return provisioning.provision_user(organization, document, actor=SYSTEM)


def managed_by(manager: User) -> Document:
    return {ENTERPRISE_USER: {"manager": {"value": str(manager.pk)}}}


def team(organization: Organization, name: str, *members: User) -> Group:
    people = frozenset(member.pk for member in members)
    document = {"displayName": name}
    return grouping.provision_group(organization, document, people, actor=SYSTEM)


def delete(user: User) -> None:
    provisioning.deprovision_user(user.organization, user.pk, actor=SYSTEM)


def restore(user: User) -> User:
    return recycling.restore_user(user.organization, user.pk, actor=SYSTEM)


def row_of(user: User) -> dict[str, Any]:
    row = User.objects.filter(pk=user.pk).values().get()
    return {name: value for name, value in row.items() if name not in RESTORATION}


def manager_of(user: User) -> str | None:
    user.refresh_from_db()
    manager = (user.document.get(ENTERPRISE_USER) or {}).get("manager") or {}
    value: str | None = manager.get("value")
    return value


@pytest.fixture
def boss(acme: Organization) -> User:
    return provisioned(acme, "boss", title="部長", externalId="e1", active=False)


def test_who_is_restored_is_as_he_was(acme: Organization, boss: User) -> None:
    group = team(acme, "営業部", boss)
    report = provisioned(acme, "report", **managed_by(boss))
    User.objects.filter(pk=boss.pk).update(last_login=timezone.now())
    before, reporting = row_of(boss), row_of(report)
    delete(boss)
    assert manager_of(report) is None

    restored = restore(boss)

    assert row_of(boss) == before
    assert row_of(report) == reporting
    assert Membership.objects.get(user=boss).group == group
    assert restored.deleted_at is None
    assert not Tombstone.objects.exists()


def test_each_resource_that_changes_by_a_restoration_has_a_new_version(
    acme: Organization, boss: User
) -> None:
    group = team(acme, "営業部", boss)
    report = provisioned(acme, "report", **managed_by(boss))
    delete(boss)
    for each in (group, report, boss):
        each.refresh_from_db()
    versions = {each.pk: each.version for each in (group, report, boss)}
    changed = {each.pk: each.changed_at for each in (group, report, boss)}

    restore(boss)

    for each in (group, report, boss):
        each.refresh_from_db()
        assert each.version == versions[each.pk] + 1
        assert each.changed_at > changed[each.pk]


def test_a_restoration_is_recorded_once_with_what_it_brought_back(
    acme: Organization, alice: User, boss: User
) -> None:
    group = team(acme, "営業部", boss)
    report = provisioned(acme, "report", **managed_by(boss))
    delete(boss)

    for _ in range(2):
        recycling.restore_user(acme, boss.pk, actor=actor_for(alice))

    event = AuditEvent.objects.get(action="user.restored")
    assert event.actor["label"] == "alice@acme.test"
    assert event.target["id"] == str(boss.pk)
    assert event.context["rejoined"] == [str(group.pk)]
    assert event.context["managed"] == [str(report.pk)]
    assert event.reference == "TEST-REF"


def test_the_sessions_of_who_is_restored_stay_ended(boss: User) -> None:
    before = boss.get_session_auth_hash()
    delete(boss)

    assert restore(boss).get_session_auth_hash() != before


def test_what_is_gone_or_settled_otherwise_stays_so(
    acme: Organization, boss: User, bob: User
) -> None:
    group = team(acme, "営業部", boss)
    orphan = provisioned(acme, "orphan", **managed_by(boss))
    report = provisioned(acme, "report", **managed_by(boss))
    delete(boss)
    grouping.deprovision_group(acme, group.pk, actor=SYSTEM)
    provisioning.change_user(
        acme, report.pk, lambda document: document | managed_by(bob), actor=SYSTEM
    )
    before = row_of(report)

    restore(boss)

    assert not Membership.objects.exists()
    assert row_of(report) == before
    assert manager_of(orphan) == str(boss.pk)
    event = AuditEvent.objects.get(action="user.restored")
    assert event.context["managed"] == [str(orphan.pk)]
    assert "rejoined" not in event.context


def assert_still_deleted(user: User) -> None:
    """Nothing written, nothing recorded."""
    user.refresh_from_db()
    assert user.deleted_at is not None
    assert Tombstone.objects.filter(user=user).exists()
    assert not Membership.objects.filter(user=user).exists()
    assert recorded(user)[-1] == "user.deleted"


def test_without_a_licence_nobody_is_restored(acme: Organization, boss: User) -> None:
    team(acme, "営業部", boss)
    delete(boss)
    Organization.objects.filter(pk=acme.pk).update(licences=1)

    with refused(admission.NoLicenceLeft, match="1 of 1 used"):
        restore(boss)

    assert_still_deleted(boss)


def test_under_a_login_email_in_use_nobody_is_restored(
    acme: Organization, globex: Organization, boss: User
) -> None:
    team(acme, "営業部", boss)
    delete(boss)
    successor = provisioned(globex, "BOSS")
    with refused(admission.InUseElsewhere) as refusal:
        restore(boss)
    assert "globex" not in str(refusal.value).lower()

    delete(successor)
    User.objects.filter(pk=successor.pk).delete()
    colleague = provisioned(acme, "colleague")
    provisioning.change_user(
        acme,
        colleague.pk,
        lambda document: document | {"userName": "Boss@example.jp"},
        actor=SYSTEM,
    )
    with refused(admission.NotUnique):
        restore(boss)

    assert_still_deleted(boss)


def test_somebody_elses_user_is_neither_restored_nor_erased(
    globex: Organization, mallory: User, boss: User
) -> None:
    delete(boss)
    for operation in (recycling.restore_user, recycling.erase_user):
        with refused(recycling.NotInRecycleBin):
            operation(globex, boss.pk, actor=actor_for(mallory))

    assert_still_deleted(boss)


def test_who_is_erased_is_gone_and_it_is_recorded_without_a_name(
    acme: Organization, alice: User, boss: User
) -> None:
    delete(boss)

    recycling.erase_user(acme, boss.pk, actor=actor_for(alice))

    assert not User.objects.filter(pk=boss.pk).exists()
    assert not Tombstone.objects.exists()
    event = AuditEvent.objects.get(action="user.purged")
    assert event.target == {"kind": "user", "id": str(boss.pk), "label": ""}
    assert event.actor["label"] == "alice@acme.test"
    for operation in (recycling.restore_user, recycling.erase_user):
        with refused(recycling.NotInRecycleBin):
            operation(acme, boss.pk, actor=SYSTEM)


def test_who_is_not_deleted_is_not_erased(acme: Organization, bob: User) -> None:
    for user_id in (bob.pk, uuid.uuid4()):
        with refused(recycling.NotInRecycleBin):
            recycling.erase_user(acme, user_id, actor=SYSTEM)

    assert User.objects.filter(pk=bob.pk).exists()
    assert not AuditEvent.objects.filter(action="user.purged").exists()
