"""Somebody is deleted while joining: never a member who is not there."""

from __future__ import annotations

import pytest

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Group, Membership, Organization, User
from chatwork_admin.synchronization import grouping, provisioning
from tests.synchronization.test_gate_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12


def join_and_delete(acme: Organization, group: Group, user: User) -> None:
    joining = grouping.MemberChange(joining=frozenset({user.pk}))

    def join() -> None:
        grouping.change_group(
            acme, group.pk, lambda document: (document, joining), actor=SYSTEM
        )

    def delete() -> None:
        provisioning.deprovision_user(acme, user.pk, actor=SYSTEM)

    assert at_once(join, delete) == ["", ""]


def test_who_is_deleted_while_joining_is_no_member(acme: Organization) -> None:
    group = grouping.provision_group(
        acme, {"displayName": "営業部"}, frozenset(), actor=SYSTEM
    )
    for number in range(ROUNDS):
        user = provisioning.provision_user(
            acme, {"userName": f"u{number}@acme.test"}, actor=SYSTEM
        )
        join_and_delete(acme, group, user)
        assert not Membership.objects.filter(user=user).exists()
