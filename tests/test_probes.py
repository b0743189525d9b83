from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from chatwork_admin.organizations.models import Organization


def test_alive_asks_nobody_else(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_ready_reports_the_backlog(client: Client, acme: Organization) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "audit_backlog": 1}


def test_ready_waits_for_migrations(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")  # the product's role may not touch this table
        MigrationRecorder.Migration.objects.filter(app="audit").delete()
        cursor.execute("SET ROLE chatwork_app")
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"status": "not migrated"})


@pytest.fixture
def without_database(acme: Organization) -> Iterator[None]:
    here = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    yield
    connection.settings_dict["HOST"] = here
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_ready_says_when_the_database_is_away(
    client: Client, without_database: None
) -> None:
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/manage/", "/scim/v2/Users"])
def test_without_the_database_everybody_is_asked_to_come_back(
    as_alice: Client,
    scim: Client,
    request: pytest.FixtureRequest,
    address: str,
) -> None:
    request.getfixturevalue("without_database")
    client = scim if address.startswith("/scim") else as_alice
    client.raise_request_exception = False
    answer = client.get(address)

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
