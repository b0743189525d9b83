"""Of workload identities that say the same, one stays: on rows as they were before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from chatwork_admin.authorization.models import OAuthClient, WorkloadIdentity
from chatwork_admin.organizations.models import Organization
from tests.authorization.conftest import registered

BEFORE = ("authorization", "0007_redirect_addresses_of_clients")
SAME = {"issuer": "https://login.example/v2.0", "subject": "s", "audience": "a"}


def migrate(*targets: tuple[str, str]) -> None:
    """As the owner of the tables; what was written is checked first, as by a commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET ROLE NONE")
        MigrationExecutor(connection).migrate(list(targets))
        cursor.execute("SET ROLE chatwork_app")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def forward() -> None:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes("authorization")
    migrate(*leaves)


def trust(client: OAuthClient, *, fetched: float | None, **said: object) -> str:
    """Trust once more; `fetched`: so many hours ago its keys were found, if ever."""
    at = None if fetched is None else timezone.now() - timedelta(hours=fetched)
    row = WorkloadIdentity.objects.create(
        organization=client.organization,
        client=client,
        jwks_uri="https://login.example/keys",
        keys_fetched_at=at,
        **{**SAME, **said},
    )
    return str(row.pk)


def good() -> set[str]:
    left = WorkloadIdentity.objects.filter(removed_at=None)
    return {str(row.pk) for row in left}


@pytest.fixture
def client_before(acme: Organization) -> OAuthClient:
    """A client of the time before the database trusted an identity once."""
    client = registered(acme).row
    migrate(BEFORE)
    return client


def test_the_one_stays_whose_keys_were_found_last(client_before: OAuthClient) -> None:
    trust(client_before, fetched=None)
    trust(client_before, fetched=3)
    latest = trust(client_before, fetched=1)
    trust(client_before, fetched=2)

    forward()

    assert good() == {latest}
    assert WorkloadIdentity.objects.count() == 4  # what is gone is kept as removed


def test_of_those_without_keys_the_latest_stays(client_before: OAuthClient) -> None:
    trust(client_before, fetched=None)
    latest = trust(client_before, fetched=None)

    forward()

    assert good() == {latest}


def test_what_differs_in_anything_or_was_removed_stays_as_it_is(
    client_before: OAuthClient, acme: Organization, globex: Organization
) -> None:
    others = [registered(acme, "another").row, registered(globex, "theirs").row]
    kept = {
        trust(client_before, fetched=1),
        *(trust(client_before, fetched=1, **{name: f"x{name}"}) for name in SAME),
        *(trust(other, fetched=1) for other in others),
    }
    removed_at = timezone.now() - timedelta(days=1)
    removed = trust(client_before, fetched=0, removed_at=removed_at)

    forward()

    assert good() == kept
    assert WorkloadIdentity.objects.get(pk=removed).removed_at == removed_at


def test_afterwards_none_is_trusted_twice(client_before: OAuthClient) -> None:
    for _ in range(2):
        trust(client_before, fetched=None)
    forward()

    with pytest.raises(IntegrityError, match="is_trusted_once"), transaction.atomic():
        trust(client_before, fetched=None)
