"""Olga operates, Victor only looks; neither is anybody's user."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.proving import PROVEN
from chatwork_admin.support.staff import create_staff_member

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
