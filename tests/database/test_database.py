"""A connection that an earlier request left is used again, unless its server is gone."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from chatwork_admin.database.statements import fetch
from chatwork_admin.organizations.models import Organization


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def usable() -> bool:
    """What Django asks at the beginning of a request."""
    return bool(connection.is_usable())


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_kept_without_asking_the_server(acme: Organization) -> None:
    first = backend()
    statements: list[str] = []

    def keep(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(keep):
        assert usable()

    assert statements == []
    assert backend() == first


@pytest.mark.django_db(transaction=True)
def test_a_connection_whose_server_ended_it_is_not_used_again(
    acme: Organization, scim: Client
) -> None:
    before = backend()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SET ROLE NONE")
            cursor.execute("SELECT pg_terminate_backend(%s)", [before])
    finally:
        other.close()
    deadline = time.monotonic() + 30
    while usable() and time.monotonic() < deadline:
        time.sleep(0.01)

    assert not usable()
    connection.close_if_unusable_or_obsolete()  # as at the beginning of a request
    assert fetch("SELECT 1", []) == (1,)
    assert scim.get("/scim/v2/Users").status_code == 200
    assert backend() != before


@pytest.mark.django_db
def test_in_a_failed_transaction_a_connection_is_not_usable() -> None:
    with connection.cursor() as cursor, pytest.raises(Exception, match="division"):
        cursor.execute("SELECT 1 / 0")

    assert not usable()
    connection.needs_rollback = True
