"""What the database itself refuses, whoever asks."""

from __future__ import annotations

import uuid

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from chatwork_admin.audit.models import AuditDelivery
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Group, Membership, Organization, User
from chatwork_admin.synchronization.models import Tombstone, UserSynchronization


def user_in(organization: Organization, email: str, **fields: object) -> User:
    return User.objects.create(
        organization=organization, user_name=email, user_name_key=fold(email), **fields
    )


def check_deferred_rules() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_login_email_is_unique_over_all_organizations_ignoring_case(
    alice: User, globex: Organization
) -> None:
    with pytest.raises(IntegrityError, match="unique_login_email"):
        user_in(globex, "ALICE@acme.test")


def test_a_deleted_user_leaves_the_login_email_free(
    bob: User, globex: Organization
) -> None:
    User.objects.filter(pk=bob.pk).update(deleted_at=bob.created_at)

    assert user_in(globex, "bob@acme.test").organization == globex


def test_an_organization_has_at_most_one_administrator(
    alice: User, acme: Organization
) -> None:
    with pytest.raises(IntegrityError, match="one_administrator_per_organization"):
        user_in(acme, "eve@acme.test", role=User.Role.ADMINISTRATOR)


def test_an_organization_has_at_least_one_administrator(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(role=User.Role.MEMBER)

    with pytest.raises(IntegrityError, match="has no administrator"):
        check_deferred_rules()


def test_an_organization_without_people_cannot_be_created(db: None) -> None:
    Organization.objects.create(slug="empty", name="Empty")

    with pytest.raises(IntegrityError, match="has no administrator"):
        check_deferred_rules()


@pytest.mark.parametrize("change", [{"is_active": False}, {"deleted_at": "now"}])
def test_the_administrator_is_neither_suspended_nor_deleted(
    alice: User, change: dict[str, object]
) -> None:
    if "deleted_at" in change:
        change = {"deleted_at": alice.created_at}

    with pytest.raises(IntegrityError, match="the_administrator_is_active"):
        User.objects.filter(pk=alice.pk).update(**change)


def test_a_member_of_another_organization_is_refused(
    acme: Organization, mallory: User
) -> None:
    group = Group.objects.create(
        organization=acme, display_name="営業部", display_name_key="営業部"
    )
    Membership.objects.create(organization=acme, group=group, user=mallory)

    with pytest.raises(IntegrityError, match="membership_user_of_organization"):
        check_deferred_rules()


@pytest.mark.parametrize(
    ("nobody", "rule"),
    [
        ("user_id", "membership_user_of_organization"),
        ("group_id", "membership_group_of_organization"),
        ("organization_id", "membership_(user|group)_of_organization"),
    ],
)
def test_nobodys_membership_is_refused(
    acme: Organization, bob: User, nobody: str, rule: str
) -> None:
    """By two rules that say all that three plain foreign keys would say."""
    group = Group.objects.create(organization=acme, display_name="営業部")
    ends = {"organization_id": acme.pk, "group_id": group.pk, "user_id": bob.pk}
    Membership.objects.create(**(ends | {nobody: uuid.uuid4()}))

    with pytest.raises(IntegrityError, match=rule):
        check_deferred_rules()


@pytest.mark.parametrize("table", ["organizations_user", "organizations_group"])
def test_nobody_goes_and_leaves_his_membership(
    acme: Organization, bob: User, table: str
) -> None:
    group = Group.objects.create(organization=acme, display_name="営業部")
    Membership.objects.create(organization=acme, group=group, user=bob)
    check_deferred_rules()
    key = bob.pk if table == "organizations_user" else group.pk

    with (
        pytest.raises(IntegrityError, match="of_organization"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [key])


def test_a_tombstone_is_of_its_users_organization(
    acme: Organization, globex: Organization, bob: User
) -> None:
    Tombstone.objects.create(organization=globex, user=bob, erase_after=timezone.now())

    with pytest.raises(IntegrityError, match="tombstone_user_of_organization"):
        check_deferred_rules()


def test_an_open_gate_without_an_identity_provider_is_refused(
    acme: Organization,
) -> None:
    with pytest.raises(IntegrityError, match="an_open_gate_has_an_identity_provider"):
        UserSynchronization.objects.create(organization=acme, state="on")


def test_the_product_runs_as_a_role_that_owns_nothing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("chatwork_app",)
        with pytest.raises(ProgrammingError, match="must be owner"):
            cursor.execute("DROP TABLE audit_auditevent")


@pytest.mark.parametrize("statement", ["UPDATE", "DELETE"])
def test_an_audit_event_is_neither_changed_nor_removed(
    acme: Organization, statement: str
) -> None:
    AuditDelivery.objects.all().delete()
    sql = {
        "UPDATE": "UPDATE audit_auditevent SET action = 'user.changed'",
        "DELETE": "DELETE FROM audit_auditevent",
    }[statement]
    with connection.cursor() as cursor, transaction.atomic():
        with pytest.raises(ProgrammingError) as refused:
            cursor.execute(sql)
        transaction.set_rollback(True)

    assert refused.match("permission denied")


def test_a_nul_character_is_not_stored(bob: User) -> None:
    with pytest.raises((DataError, ValueError)):
        User.objects.filter(pk=bob.pk).update(title="a\x00b")
