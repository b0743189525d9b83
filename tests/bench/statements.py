"""What pgbench executes: the product's work, as the least that PostgreSQL must do.

New rows are copies of what the product has written, so whatever columns and indexes
there are, both pay for them.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from tests.bench import organizations
from tests.bench.operations import COUNT
from tests.bench.organizations import MARK, Organization

UUID_V7_SINCE = 180_000


def write(
    connection: psycopg.Connection,
    folder: Path,
    organization: Organization,
    template: str,
) -> dict[str, Path]:
    """Write a script for each operation. The template user must have been changed."""
    scripts = {}
    for name, text in _texts(connection, organization, template).items():
        file = folder / f"{name.replace(' ', '_')}.sql"
        variables = VARIABLES.format(size=organization.size)
        file.write_text(variables + text.as_string(connection), encoding="utf-8")
        scripts[name] = file
    return scripts


def literal(text: str) -> sql.Composable:
    """Quote a text so that pgbench, blind to quotes, sees no `:variable` in it."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\003A")
    return sql.SQL(
        "U&'{}'".format(escaped.replace("{", "{{").replace("}", "}}"))
    ).format()


def _texts(
    connection: psycopg.Connection, organization: Organization, template: str
) -> dict[str, sql.Composable]:
    user = organizations.user_id(organization.number)
    row = organizations.row_of(connection, "organizations_user", template)
    values = {
        "mine": row["organization_id"],
        "prefix": user.partition("%")[0],
        "address": f"@{organization.slug}.example.jp",
        "skipped": organization.size // 2,
        "last": user % (organization.size // 2),
        "count": COUNT,
    }
    created = _insert(connection, "organizations_user", template)
    recorded = {
        action: _recorded(connection, action)
        for action in ("user.provisioned", "user.changed")
    }
    return {
        "match": sql.SQL(MATCH).format(**values),
        "read": sql.SQL(READ).format(**values),
        "create": _transaction(created, recorded["user.provisioned"]),
        "change": _transaction(
            sql.SQL(CHANGE).format(**values), recorded["user.changed"]
        ),
        "page": sql.SQL(PAGE).format(**values),
        "cursor page": sql.SQL(KEYSET).format(**values),
    }


def _transaction(*statements: sql.Composable) -> sql.Composable:
    inside = sql.SQL(";\n").join(statements)
    return sql.SQL("BEGIN;\n{};\nCOMMIT;\n").format(inside)


def _recorded(connection: psycopg.Connection, action: str) -> sql.Composable:
    """An event as the product recorded it last, with its deliveries."""
    query = "SELECT id FROM audit_auditevent WHERE action = %s ORDER BY id DESC LIMIT 1"
    event = connection.execute(query, [action]).fetchone()
    assert event is not None, action
    insert = _insert(connection, "audit_auditevent", str(event[0]))
    return sql.SQL(EVENT).format(event=insert)


def _insert(connection: psycopg.Connection, table: str, key: str) -> sql.Composable:
    """A new row like the one with this id; where that has the mark, it differs."""
    columns = organizations.columns_of(connection, table)
    texts = sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns
    )
    query = sql.SQL("SELECT {} FROM {} WHERE id = %s")
    row = connection.execute(
        query.format(texts, sql.Identifier(table)), [key]
    ).fetchone()
    assert row is not None, key
    types = _types(connection, table)
    values = [
        _new_id(connection) if name == "id" else _value(text, types[name])
        for name, text in zip(columns, row, strict=True)
    ]
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(values),
    )


def _value(text: str | None, type_: str) -> sql.Composable:
    if text is None:
        return sql.SQL("NULL")
    if MARK not in text:
        return literal(text)
    return sql.SQL(NUMBERED).format(literal(text), sql.SQL(type_))


def _types(connection: psycopg.Connection, table: str) -> dict[str, str]:
    query = """
        SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
    """
    return dict(connection.execute(query, [table]).fetchall())


def _new_id(connection: psycopg.Connection) -> sql.Composable:
    """Ordered by time, as the product's, where the server can make such ids."""
    is_new = connection.info.server_version >= UUID_V7_SINCE
    return sql.SQL("uuidv7()" if is_new else "gen_random_uuid()")


VARIABLES = """\\set n random(1, {size})
\\set fresh random(1, 9000000000000000)
"""
NUMBERED = (
    f"CAST(replace(replace({{}}, 'user{MARK}', 'fresh-' || :fresh::text), "
    f"'{MARK}', :fresh::text) AS {{}})"
)
MATCH = """
SELECT id, document, created_at, changed_at FROM organizations_user
WHERE organization_id = {mine} AND deleted_at IS NULL
  AND user_name_key = 'user' || lpad(:n::text, 7, '0') || {address};
"""
READ = """
SELECT id, document, created_at, changed_at FROM organizations_user
WHERE organization_id = {mine} AND deleted_at IS NULL
  AND id = ({prefix} || lpad(to_hex(:n::bigint), 12, '0'))::uuid;
"""
CHANGE = """
SELECT id, document FROM organizations_user
WHERE organization_id = {mine} AND deleted_at IS NULL
  AND id = ({prefix} || lpad(to_hex(:n::bigint), 12, '0'))::uuid
FOR NO KEY UPDATE;
UPDATE organizations_user
SET title = 'Title ' || :fresh::text, is_active = :fresh::bigint % 2 = 0,
    document = jsonb_set(document, '{{title}}', to_jsonb('Title ' || :fresh::text)),
    version = version + 1, changed_at = now()
WHERE organization_id = {mine}
  AND id = ({prefix} || lpad(to_hex(:n::bigint), 12, '0'))::uuid
"""
PAGE = """
SELECT id, document, created_at, changed_at FROM organizations_user
WHERE organization_id = {mine} AND deleted_at IS NULL
ORDER BY id LIMIT {count} OFFSET {skipped};
"""
KEYSET = """
SELECT id, document, created_at, changed_at FROM organizations_user
WHERE organization_id = {mine} AND deleted_at IS NULL AND id > {last}::uuid
ORDER BY id LIMIT {count};
"""
EVENT = """
WITH event AS ({event} RETURNING id, organization_id)
INSERT INTO audit_auditdelivery
    (organization_id, event_id, sink_id, state, attempts, last_error)
SELECT event.organization_id, event.id, sink.id, 'pending', 0, ''
FROM event JOIN audit_auditsink AS sink USING (organization_id) WHERE sink.is_enabled
"""
