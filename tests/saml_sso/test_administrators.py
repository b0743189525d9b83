from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import break_glass
from saml_sso.identity_providers.administrators import (
    NotTransferable,
    Obstacle,
    transfer,
)
from saml_sso.models import IdentityProvider, LinkedIdentity
from tests.conftest import actor_for
from tests.organizations.proofs.test_second_factor import with_app


def has_signed_in(person: User, *, password: str = "") -> None:
    person.set_password(password or None)
    person.last_login = person.created_at
    person.save()


def link(provider: IdentityProvider, person: User) -> None:
    LinkedIdentity.objects.create(
        organization=provider.organization,
        user=person,
        issuer=provider.entity_id,
        object_id=str(person.pk),
        name_id=person.user_name,
    )


def transfer_to(receiver: User) -> None:
    organization = receiver.organization
    giver = organization.users.get(role=User.Role.ADMINISTRATOR)
    transfer(
        organization, giver=giver, receiver=receiver, actor=actor_for(giver), context={}
    )


def test_the_right_moves_and_the_giver_manages_users(
    acme: Organization, alice: User, bob: User
) -> None:
    has_signed_in(bob, password="x")
    transfer(acme, giver=alice, receiver=bob, actor=actor_for(alice), context={})

    bob.refresh_from_db()
    alice.refresh_from_db()
    assert (bob.role, alice.role) == ("administrator", "user-manager")
    event = AuditEvent.objects.get(action="administrator.transferred")
    assert (event.actor["id"], event.target["id"]) == (str(alice.pk), str(bob.pk))


def test_handing_it_to_oneself_changes_and_records_nothing(
    acme: Organization, alice: User
) -> None:
    transfer(acme, giver=alice, receiver=alice, actor=actor_for(alice), context={})

    alice.refresh_from_db()
    assert alice.is_administrator
    assert not AuditEvent.objects.filter(action="administrator.transferred").exists()


@pytest.mark.parametrize("who", ["suspended", "deleted", "elsewhere", "newcomer"])
def test_only_an_active_colleague_receives_it(
    acme: Organization, alice: User, bob: User, mallory: User, who: str
) -> None:
    receiver = mallory if who == "elsewhere" else bob
    if who != "newcomer":
        has_signed_in(receiver, password="x")
    if who == "suspended":
        User.objects.filter(pk=bob.pk).update(is_active=False)
    if who == "deleted":
        User.objects.filter(pk=bob.pk).update(deleted_at=bob.created_at)

    with pytest.raises(NotTransferable):
        transfer(
            acme, giver=alice, receiver=receiver, actor=actor_for(alice), context={}
        )

    alice.refresh_from_db()
    assert alice.is_administrator


def test_a_manager_cannot_give_what_he_does_not_have(
    acme: Organization, carol: User, bob: User
) -> None:
    with pytest.raises(NotTransferable):
        transfer(acme, giver=carol, receiver=bob, actor=actor_for(carol), context={})


def test_a_transfer_voids_the_codes_that_the_giver_knows(
    acme: Organization, alice: User, bob: User, tested_idp: IdentityProvider
) -> None:
    codes = break_glass.issue(acme, seen=None, actor=actor_for(alice))
    IdentityProvider.objects.update(bypass_proven_at=timezone.now())
    has_signed_in(bob)
    link(tested_idp, bob)
    transfer_to(bob)

    with pytest.raises(break_glass.WrongCode):
        break_glass.redeem(acme, codes[0], user=bob, actor=actor_for(bob))
    tested_idp.refresh_from_db()
    assert tested_idp.bypass_proven_at is None
    event = AuditEvent.objects.get(action="administrator.transferred")
    assert event.context["codes_void"] == 10


def test_a_refused_transfer_voids_nothing(
    acme: Organization, alice: User, bob: User
) -> None:
    break_glass.issue(acme, seen=None, actor=actor_for(alice))
    with pytest.raises(NotTransferable):
        transfer_to(bob)

    assert break_glass.codes_left(acme) == 10


@pytest.mark.parametrize(
    ("mode", "has", "is_let_in"),
    [
        ("off", "password", True),
        ("off", "identity", False),
        ("optional", "identity", True),
        ("optional", "", False),
        ("optional", "identity expired", False),
        ("optional", "password expired", True),
        ("required", "password", False),
        ("required", "password app", True),
        ("required", "app", False),
        ("required", "identity", True),
    ],
)
def test_the_right_goes_to_who_can_get_in_without_a_code(
    bob: User, acme_idp: IdentityProvider, mode: str, has: str, *, is_let_in: bool
) -> None:
    IdentityProvider.objects.update(mode=mode)
    has_signed_in(bob, password="x" if "password" in has else "")
    if "app" in has:
        with_app(bob)
    if "identity" in has:
        link(acme_idp, bob)
    if "expired" in has:
        acme_idp.certificates.update(not_after=timezone.now())
    refusal = pytest.raises(NotTransferable, match=Obstacle.NO_WAY_IN)
    with nullcontext() if is_let_in else refusal:
        transfer_to(bob)

    bob.refresh_from_db()
    assert bob.is_administrator == is_let_in
