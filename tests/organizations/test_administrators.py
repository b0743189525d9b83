from __future__ import annotations

import pytest

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.administrators import NotTransferable, transfer
from chatwork_admin.organizations.models import Organization, User
from tests.conftest import actor_for


def has_signed_in(person: User) -> None:
    User.objects.filter(pk=person.pk).update(last_login=person.created_at)


def test_the_right_moves_and_the_giver_manages_users(
    acme: Organization, alice: User, bob: User
) -> None:
    has_signed_in(bob)
    transfer(acme, giver=alice, receiver=bob, actor=actor_for(alice))

    bob.refresh_from_db()
    alice.refresh_from_db()
    assert (bob.role, alice.role) == ("administrator", "user-manager")
    event = AuditEvent.objects.get(action="administrator.transferred")
    assert (event.actor["id"], event.target["id"]) == (str(alice.pk), str(bob.pk))


def test_handing_it_to_oneself_changes_and_records_nothing(
    acme: Organization, alice: User
) -> None:
    transfer(acme, giver=alice, receiver=alice, actor=actor_for(alice))

    alice.refresh_from_db()
    assert alice.is_administrator
    assert not AuditEvent.objects.filter(action="administrator.transferred").exists()


@pytest.mark.parametrize("who", ["suspended", "deleted", "elsewhere", "newcomer"])
def test_only_an_active_colleague_receives_it(
    acme: Organization, alice: User, bob: User, mallory: User, who: str
) -> None:
    receiver = mallory if who == "elsewhere" else bob
    if who != "newcomer":
        has_signed_in(receiver)
    if who == "suspended":
        User.objects.filter(pk=bob.pk).update(is_active=False)
    if who == "deleted":
        User.objects.filter(pk=bob.pk).update(deleted_at=bob.created_at)

    with pytest.raises(NotTransferable):
        transfer(acme, giver=alice, receiver=receiver, actor=actor_for(alice))

    alice.refresh_from_db()
    assert alice.is_administrator


def test_a_manager_cannot_give_what_he_does_not_have(
    acme: Organization, carol: User, bob: User
) -> None:
    with pytest.raises(NotTransferable):
        transfer(acme, giver=carol, receiver=bob, actor=actor_for(carol))
