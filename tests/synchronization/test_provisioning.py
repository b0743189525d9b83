from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Group, Membership, Organization, User
from chatwork_admin.synchronization import admission, provisioning
from chatwork_admin.synchronization.attributes import (
    ENTERPRISE_USER,
    Document,
    NotAnEmail,
    TooLong,
)

YAMADA: Document = {
    "userName": "Yamada@Example.jp",
    "externalId": "e1",
    "active": True,
    "displayName": "山田 太郎",
    "title": "主任",
    "phoneNumbers": [{"type": "work", "value": "+81 3-1234-5678"}],
    ENTERPRISE_USER: {"department": "営業部", "organization": "本社"},
}


@pytest.fixture
def yamada(acme: Organization) -> User:
    return provisioning.provision_user(acme, YAMADA, actor=SYSTEM)


def change(user: User, **values: object) -> User:
    return provisioning.change_user(
        user.organization, user.pk, lambda document: document | values, actor=SYSTEM
    )


@contextmanager
def refused(
    exception: type[Exception], match: str | None = None
) -> Iterator[pytest.ExceptionInfo[Exception]]:
    """Roll back what was refused, as callers must."""
    with pytest.raises(exception, match=match) as refusal, transaction.atomic():
        yield refusal


def recorded(user: User) -> list[str]:
    events = AuditEvent.objects.filter(target__id=str(user.pk)).order_by("id")
    return list(events.values_list("action", flat=True))


def test_columns_follow_from_the_document(yamada: User) -> None:
    stored = User.objects.get(pk=yamada.pk)

    assert stored.document == YAMADA
    assert stored.user_name == "Yamada@Example.jp"
    assert stored.user_name_key == "yamada@example.jp"
    assert (stored.title, stored.department) == ("主任", "営業部")
    assert stored.organization_name == "本社"
    assert stored.linked_at is not None
    assert not stored.has_usable_password()


def test_without_a_display_name_the_local_part_stands_in(acme: Organization) -> None:
    document = {"userName": "taro@example.jp"}
    assert (
        provisioning.provision_user(acme, document, actor=SYSTEM).display_name == "taro"
    )


def test_a_change_that_changes_nothing_records_nothing(yamada: User) -> None:
    after = change(yamada, title="主任")

    assert (after.version, after.changed_at) == (1, yamada.changed_at)
    assert recorded(yamada) == ["user.provisioned"]


def test_a_change_names_what_changed_and_keeps_private_values_out(
    yamada: User,
) -> None:
    change(yamada, title="課長", phoneNumbers=[{"value": "090"}])

    event = AuditEvent.objects.get(action="user.changed")
    assert {entry["attribute"]: entry["after"] for entry in event.changes} == {
        "title": "課長",
        "phoneNumbers": None,
    }
    assert "090" not in str(event.changes)


def test_suspending_and_reactivating_are_said_in_their_own_words(
    yamada: User,
) -> None:
    change(yamada, active=False)
    change(yamada, active=True)

    assert recorded(yamada) == [
        "user.provisioned",
        "user.suspended",
        "user.reactivated",
    ]


def test_the_first_write_links_an_existing_person(bob: User) -> None:
    change(bob)
    change(bob)

    bob.refresh_from_db()
    assert bob.linked_at is not None
    assert recorded(bob) == ["user.linked"]


@pytest.mark.parametrize("values", [{"active": False}, {"userName": "other@acme.test"}])
def test_the_administrator_is_neither_suspended_nor_renamed(
    alice: User, values: Document
) -> None:
    with refused(provisioning.AdministratorProtected):
        change(alice, **values)

    alice.refresh_from_db()
    assert alice.linked_at is None
    assert recorded(alice) == []


def test_the_administrators_letter_case_may_change(alice: User) -> None:
    assert change(alice, userName="Alice@Acme.test").user_name == "Alice@Acme.test"


def test_the_administrator_is_not_deprovisioned(
    acme: Organization, alice: User
) -> None:
    with refused(provisioning.AdministratorProtected):
        provisioning.deprovision_user(acme, alice.pk, actor=SYSTEM)


def test_a_login_email_of_the_organization_is_taken_ignoring_case(
    acme: Organization, yamada: User
) -> None:
    document = {"userName": "YAMADA@example.jp"}
    with refused(admission.NotUnique):
        provisioning.provision_user(acme, document, actor=SYSTEM)

    assert AuditEvent.objects.filter(action="user.provisioned").count() == 1


def test_a_login_email_elsewhere_is_refused_without_saying_whose_it_is(
    acme: Organization, mallory: User
) -> None:
    document = {"userName": mallory.user_name}
    with refused(admission.InUseElsewhere) as refusal:
        provisioning.provision_user(acme, document, actor=SYSTEM)

    assert "Globex" not in str(refusal.value)
    assert "mallory" not in str(refusal.value).lower()


def test_a_rename_to_a_taken_address_is_refused(yamada: User, bob: User) -> None:
    with refused(admission.NotUnique):
        change(yamada, userName="BOB@acme.test")

    yamada.refresh_from_db()
    assert yamada.user_name == "Yamada@Example.jp"


@pytest.mark.parametrize("user_name", ["tyamada", "a b@x.jp", "@", "x@", ""])
def test_a_user_name_is_an_email_address(acme: Organization, user_name: str) -> None:
    with refused(NotAnEmail):
        provisioning.provision_user(acme, {"userName": user_name}, actor=SYSTEM)


def test_a_value_too_long_names_the_attribute_and_the_limit(yamada: User) -> None:
    with refused(TooLong, match="title is 101 characters; the limit is 100"):
        change(yamada, title="長" * 101)


def test_the_last_licence_is_the_last(acme: Organization, yamada: User) -> None:
    Organization.objects.filter(pk=acme.pk).update(licences=2)
    change(yamada, active=False)

    with refused(admission.NoLicenceLeft, match="2 of 2 used, 1 by suspended"):
        provisioning.provision_user(acme, {"userName": "new@x.jp"}, actor=SYSTEM)


def test_a_deleted_user_leaves_teams_and_frees_licence_and_address(
    acme: Organization, yamada: User
) -> None:
    group = Group.objects.create(
        organization=acme, display_name="営業部", display_name_key="営業部"
    )
    Membership.objects.create(organization=acme, group=group, user=yamada)
    provisioning.deprovision_user(acme, yamada.pk, actor=SYSTEM)

    assert not Membership.objects.exists()
    again = provisioning.provision_user(acme, YAMADA, actor=SYSTEM)
    assert again.pk != yamada.pk


def test_a_deleted_user_is_not_found_again(acme: Organization, yamada: User) -> None:
    provisioning.deprovision_user(acme, yamada.pk, actor=SYSTEM)

    with refused(provisioning.NoSuchUser):
        provisioning.deprovision_user(acme, yamada.pk, actor=SYSTEM)
    with refused(provisioning.NoSuchUser):
        change(yamada, title="x")


def test_somebody_elses_user_is_not_found(globex: Organization, yamada: User) -> None:
    with refused(provisioning.NoSuchUser):
        provisioning.change_user(
            globex, yamada.pk, lambda document: document, actor=SYSTEM
        )
    with refused(provisioning.NoSuchUser):
        provisioning.deprovision_user(globex, uuid.uuid4(), actor=SYSTEM)
