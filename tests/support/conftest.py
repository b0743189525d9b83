"""Olga operates, Victor only looks; neither is anybody's user."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import Group, Membership, Organization, User
from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.proving import PROVEN
from chatwork_admin.support.staff import create_staff_member
from chatwork_admin.synchronization import provisioning
from tests.authorization.conftest import granted, registered

STAFF_PASSWORD = "we keep each other company"
BACKEND = "chatwork_admin.support.sign_in.StaffBackend"


@pytest.fixture
def olga(db: None) -> StaffMember:
    return _member("olga@support.test", "Olga", StaffMember.Role.OPERATOR)


@pytest.fixture
def victor(db: None) -> StaffMember:
    return _member("victor@support.test", "Victor", StaffMember.Role.VIEWER)


@pytest.fixture
def as_olga(olga: StaffMember) -> Client:
    return sign_in(Client(), olga)


@pytest.fixture
def as_victor(victor: StaffMember) -> Client:
    return sign_in(Client(), victor)


@pytest.fixture
def full_acme(enabled_acme: Organization, bob: User) -> Organization:
    """Acme with something of everything, and secrets to look for."""
    tokens.issue(enabled_acme, name="Entra ID", expires_at=None, actor=SYSTEM)
    registered(enabled_acme, "SCIM of Entra")
    granted(enabled_acme)
    bob.set_password("bob's own")
    bob.external_id = "bob-in-entra"
    bob.document |= {"password": "in-clear", "emails": [{"value": "bob@acme.test"}]}
    bob.save()
    group = Group.objects.create(
        organization=enabled_acme, display_name="Sales", display_name_key="sales"
    )
    Membership.objects.create(organization=enabled_acme, group=group, user=bob)
    gone = {"userName": "gone@acme.test"}
    user = provisioning.provision_user(enabled_acme, gone, actor=SYSTEM)
    provisioning.deprovision_user(enabled_acme, user.pk, actor=SYSTEM)
    return enabled_acme


def _member(email: str, name: str, role: StaffMember.Role) -> StaffMember:
    return create_staff_member(
        email=email, name=name, role=role, password=STAFF_PASSWORD
    )


def sign_in(client: Client, member: Any) -> Client:
    """Sign in without asking; `Any`, because the stubs know one kind of user only."""
    client.force_login(member, backend=BACKEND)
    return client


def proven(client: Client) -> Client:
    """A browser, a minute after its owner has proven that it is theirs."""
    session = client.session
    session[PROVEN] = time.time() - 60
    session.save()
    return client
