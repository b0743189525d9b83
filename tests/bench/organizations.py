"""Organizations of many users, copied in SQL from one that a client has created.

Whatever columns a user has, the product itself has filled them once: a copy replaces
the ids and the number in the row's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

MARK = "0000000"  # the template's number
SLUG = "bench"
GROUP_ID = "01910000-0000-7000-8000-%012x"
GROUPS = 1_000
LICENCES = 100_000_000
FRESH = "fresh-%"


@dataclass(frozen=True, slots=True)
class Organization:
    """`number` is part of its users' ids; 0 is the one that the templates are in."""

    number: int
    slug: str
    size: int


def user_id(number: int) -> str:
    return f"01900000-{number:04x}-7000-8000-%012x"


def user_name(slug: str) -> str:
    return f"user%07d@{slug}.example.jp"


def slug_of(number: int) -> str:
    """Return a word that is nowhere else in a row, so that it can be replaced."""
    return f"{SLUG}{number}x"


def fill(
    connection: psycopg.Connection, template: str, organization: Organization
) -> None:
    """Copy the template user `size` times into the organization."""
    connection.execute(
        "UPDATE organizations_organization SET licences = %s WHERE slug = %s",
        [LICENCES, organization.slug],
    )
    replaced = _id_of(connection, slug_of(0)), _id_of(connection, organization.slug)
    _copy(
        connection,
        "organizations_user",
        template,
        user_id(organization.number).partition("%")[0],
        range(1, organization.size + 1),
        [replaced, (slug_of(0), organization.slug)],
    )


def fill_groups(connection: psycopg.Connection, template: str) -> None:
    """Copy the template group into its own organization."""
    prefix = GROUP_ID.partition("%")[0]
    _copy(
        connection,
        "organizations_group",
        template,
        prefix,
        range(1, GROUPS + 1),
        [],
    )


def forget_new(connection: psycopg.Connection) -> None:
    """Remove who was created in the last round: sizes stay what they are called."""
    connection.execute(
        "DELETE FROM organizations_user WHERE user_name_key LIKE %s", [FRESH]
    )


def _id_of(connection: psycopg.Connection, slug: str) -> str:
    query = "SELECT id FROM organizations_organization WHERE slug = %s"
    row = connection.execute(query, [slug]).fetchone()
    assert row is not None, slug
    return str(row[0])


def columns_of(connection: psycopg.Connection, table: str) -> list[str]:
    """Return the columns that may be written."""
    query = """
        SELECT column_name FROM information_schema.columns
        WHERE table_name = %s AND is_generated = 'NEVER' AND is_identity = 'NO'
        ORDER BY ordinal_position
    """
    return [name for (name,) in connection.execute(query, [table])]


def row_of(connection: psycopg.Connection, table: str, key: str) -> Any:
    """Return a row as PostgreSQL writes it as JSON."""
    query = sql.SQL("SELECT to_jsonb(kept) FROM {} AS kept WHERE id = %s")
    row = connection.execute(query.format(sql.Identifier(table)), [key]).fetchone()
    assert row is not None, key
    return row[0]


def _copy(
    connection: psycopg.Connection,
    table: str,
    template: str,
    prefix: str,
    numbers: range,
    replaced: list[tuple[str, str]],
) -> None:
    text: sql.Composable = sql.SQL("to_jsonb(template)::text")
    for old, new in replaced:
        text = sql.SQL("replace({}, {}, {})").format(text, old, new)
    columns = columns_of(connection, table)
    statement = sql.SQL(COPY).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        copied=sql.SQL(", ").join(sql.Identifier("made", name) for name in columns),
        text=text,
        template=template,
        prefix=prefix,
        mark=MARK,
        first=numbers.start,
        last=numbers.stop - 1,
    )
    connection.execute(statement)


COPY = """
WITH text AS MATERIALIZED (
    SELECT {text} AS template FROM {table} AS template WHERE id = {template}::uuid
)
INSERT INTO {table} ({columns})
SELECT {copied}
FROM generate_series({first}, {last}) AS n, text,
     -- The number first: new ids have as many zeros as it has.
     LATERAL (SELECT replace(replace(text.template,
         {mark}, lpad(n::text, 7, '0')),
         {template}, {prefix} || lpad(to_hex(n), 12, '0'))) AS numbered (document),
     LATERAL jsonb_populate_record(NULL::{table}, numbered.document::jsonb) AS made
"""
