"""Statements without cursors return, raise and take part in transactions as with them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC
from typing import Any, cast

import pytest
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    IntegrityError,
    OperationalError,
    connection,
    connections,
)
from django.db import transaction as transactions
from django.db.utils import DataError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import CardinalityViolation, UniqueViolation

from chatwork_admin.database.base import DatabaseWrapper
from chatwork_admin.database.statements import execute, fetch, fetch_all
from chatwork_admin.organizations.models import Organization

ECHO = """
    SELECT %s::text, %s::uuid, %s::integer, %s::bigint, %s::boolean, %s::timestamptz,
        %s::jsonb, %s::uuid[], %s::text[]
"""
BY_PSYCOPG = (
    "SELECT statement FROM pg_prepared_statements WHERE starts_with(name, '_pg3')"
)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VALUES = st.tuples(
    *map(
        st.none().__or__,
        (
            TEXTS,
            st.uuids(),
            st.integers(-(2**31), 2**31 - 1),
            st.integers(-(2**63), 2**63 - 1),
            st.booleans(),
            st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year < 9999),
            st.sampled_from(['{"a": [1, null]}', '"\\"%s"', "[]"]),
            st.lists(st.uuids()),
            st.lists(TEXTS),
        ),
    )
)


def by_cursor(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def names() -> set[str]:
    prepared = by_cursor("SELECT name FROM pg_prepared_statements", [])
    return {name for (name,) in prepared if name.startswith("chatwork_")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=VALUES)
def test_values_go_and_come_as_by_a_cursor(db: None, values: tuple[Any, ...]) -> None:
    assert fetch_all(ECHO, values) == by_cursor(ECHO, values)


@pytest.mark.django_db
def test_a_parameter_with_a_name_is_given_wherever_it_is_needed() -> None:
    sql = (
        "SELECT %(id)s::text, %(id)s::uuid, %(other)s::text WHERE %(id)s::uuid = %(id)s"
    )
    said = {"id": uuid.uuid4(), "other": "x", "unused": 1}

    assert fetch_all(sql, said) == [(str(said["id"]), said["id"], "x")]


@pytest.mark.django_db
def test_each_statement_is_prepared_once() -> None:
    before = len(names())
    for number in range(5):
        assert fetch("SELECT %s::integer + 40", [number]) == (number + 40,)

    assert len(names()) == before + 1


@pytest.mark.django_db
def test_a_result_is_not_kept_until_the_next() -> None:
    """It may be of many megabytes, and each thread's connection has one."""
    fetch_all("SELECT %s::text", ["x" * 1_000_000])

    database = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])
    assert database.prepared.adapter.pgresult is None


@pytest.mark.django_db
def test_who_watches_sees_each_statement() -> None:
    with CaptureQueriesContext(connection) as seen:
        assert fetch("SELECT %s::text", ["watched"]) == ("watched",)
        execute("SET LOCAL work_mem = '8MB'", [])

    assert [each["sql"].split()[0] for each in seen.captured_queries] == [
        "SELECT",
        "SET",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "parameters", "error"),
    [
        ("SELECT 1 / %s::integer", [0], DataError),
        ("SELECT %s::text", ["\0"], DataError),
        ("SELECT %s::uuid", ["nobody"], DataError),
        ("SELECT (SELECT generate_series(1, %s::integer))", [2], DatabaseError),
    ],
)
def test_errors_are_djangos(
    sql: str, parameters: list[Any], error: type[Exception]
) -> None:
    for ask in (fetch_all, by_cursor):
        with pytest.raises(error) as raised, transactions.atomic():
            ask(sql, parameters)
        if error is DatabaseError:
            assert isinstance(raised.value.__cause__, CardinalityViolation)


def test_a_broken_rule_names_itself(acme: Organization) -> None:
    again = "INSERT INTO organizations_organization SELECT * FROM organizations_organization WHERE id = %s"
    with pytest.raises(IntegrityError) as raised, transactions.atomic():
        execute(again, [acme.pk])

    assert isinstance(raised.value.__cause__, UniqueViolation)


@pytest.mark.django_db
def test_in_a_broken_transaction_nothing_is_asked() -> None:
    with transactions.atomic():
        transactions.set_rollback(True)
        with pytest.raises(transactions.TransactionManagementError):
            fetch("SELECT 1", [])


@pytest.mark.django_db(transaction=True)
def test_a_transaction_is_begun_committed_and_rolled_back(acme: Organization) -> None:
    rename = "UPDATE organizations_organization SET name = %s WHERE id = %s"
    with transactions.atomic():
        execute(rename, ["Kept", acme.pk])
        with transactions.atomic():
            execute(rename, ["Lost", acme.pk])
            transactions.set_rollback(True)
        assert named(acme) == "Kept"
    with transactions.atomic():
        execute(rename, ["Lost too", acme.pk])
        transactions.set_rollback(True)

    connection.close()
    assert named(acme) == "Kept"


@pytest.mark.django_db(transaction=True)
def test_a_roll_back_drops_no_statement() -> None:
    sql = f"SELECT '{uuid.uuid4()}'"  # nobody has prepared it
    fetch(sql, [])
    before = names()
    for _ in range(2):
        with transactions.atomic(), transactions.atomic():
            fetch(sql, [])
            transactions.set_rollback(True)
        with transactions.atomic():
            fetch(sql, [])
            transactions.set_rollback(True)

    assert names() == before


@pytest.mark.django_db(transaction=True)
def test_what_somebody_drops_is_prepared_anew() -> None:
    fetch("SELECT 1", [])
    by_cursor("SELECT 2", [])
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert fetch("SELECT 1", []) == (1,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ending", ["DROP TABLE gone", "ALTER TABLE gone ADD COLUMN other integer"]
)
def test_psycopg_drops_its_own_statements_and_none_of_ours(ending: str) -> None:
    execute("CREATE TEMPORARY TABLE gone (id integer) ON COMMIT DROP", [])
    fetch("SELECT 1", [])
    theirs = f"SELECT '{uuid.uuid4()}'"
    by_cursor(theirs, [])
    before = names()
    assert (theirs,) in by_cursor(BY_PSYCOPG, [])
    with connection.cursor() as cursor:
        cursor.execute(ending)

    assert (theirs,) not in by_cursor(BY_PSYCOPG, [])
    assert before <= names()
    assert fetch("SELECT 1", []) == (1,)


@pytest.mark.django_db
def test_psycopg_drops_one_statement_when_it_has_too_many() -> None:
    fetch("SELECT 1", [])
    for number in range(connection.connection.prepared_max + 1):
        by_cursor(f"SELECT {number}", [])
    fetch("SELECT 1", [])

    assert by_cursor("SELECT 99", []) == [(99,)]


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_gone_is_an_operational_error() -> None:
    (mine,) = fetch("SELECT pg_backend_pid()", []) or (0,)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SET ROLE NONE")
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [mine])
    finally:
        other.close()

    for _ in range(2):  # gone while it was asked; and known to be gone
        with pytest.raises(OperationalError):
            fetch("SELECT 1", [])
    connection.close()
    assert fetch("SELECT 1", []) == (1,)


def named(organization: Organization) -> str:
    organization.refresh_from_db()
    return organization.name
