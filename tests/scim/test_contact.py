"""When a provisioning client was here, and when it tested the connection."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.models import UserSynchronization
from tests.conftest import actor_for, enable
from tests.scim.conftest import USERS

GUID = "6f0c2d5e-7d3b-4a86-9f5c-0e1f2a3b4c5d"


def ask(scim: Client, expression: str) -> tuple[int, int]:
    """Return the status of the answer, and how many updates it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = scim.get(USERS, {"filter": expression})
    updates = [each for each in queries if each["sql"].startswith("UPDATE")]
    return answer.status_code, len(updates)


def connection_test() -> str:
    return f'userName eq "{uuid.uuid4()}"'


def seen(organization: Organization) -> UserSynchronization:
    return UserSynchronization.objects.get(organization=organization)


def test_connection_tests_write_once_a_minute(
    scim: Client, enabled_acme: Organization
) -> None:
    ask(scim, connection_test())
    first = seen(enabled_acme).test_seen_at
    assert first is not None

    assert ask(scim, connection_test()) == (200, 0)

    assert seen(enabled_acme).test_seen_at == first
    UserSynchronization.objects.update(test_seen_at=first - timedelta(minutes=1))
    assert ask(scim, connection_test()) == (200, 1)
    again = seen(enabled_acme).test_seen_at
    assert again is not None
    assert again > first


def test_a_test_soon_after_the_first_contact_is_seen(
    scim: Client, enabled_acme: Organization
) -> None:
    ask(scim, 'userName eq "alice@acme.test"')
    assert seen(enabled_acme).test_seen_at is None

    ask(scim, connection_test())

    assert seen(enabled_acme).test_seen_at is not None


@pytest.mark.parametrize(
    "expression",
    [
        'userName eq "alice@acme.test"',
        f'externalId eq "{GUID}"',
        f'id eq "{GUID}"',
        f'userName sw "{GUID}"',
        f'userName eq "{GUID}" and active eq true',
    ],
)
def test_what_a_cycle_asks_is_no_test_of_the_connection(
    scim: Client, enabled_acme: Organization, expression: str
) -> None:
    assert ask(scim, expression)[0] == 200
    assert seen(enabled_acme).test_seen_at is None
    assert seen(enabled_acme).last_contact_at is not None


def test_a_test_that_was_refused_is_not_seen(
    scim: Client, enabled_acme: Organization, alice: User
) -> None:
    gate.pause(enabled_acme, actor=actor_for(alice), reason="")

    assert ask(scim, connection_test()) == (503, 0)

    assert seen(enabled_acme).test_seen_at is None


def test_nobodys_test_is_seen_by_the_neighbour(
    scim: Client, enabled_acme: Organization, globex: Organization
) -> None:
    enable(globex)

    ask(scim, connection_test())

    assert seen(globex).test_seen_at is None
