"""What a test has committed is deleted after it, as far as there is any."""

from __future__ import annotations

from django.db import connection, transaction
from django.test import TransactionTestCase

# Django would truncate every table, and give each and its indexes new files, which takes
# fifty times as long; and it would write what migrations wrote anew. As the owner, a
# superuser: nobody else goes without triggers and foreign keys.
EMPTY = """
    DO $$
    DECLARE name text;
    BEGIN
        SET LOCAL ROLE NONE;
        SET LOCAL session_replication_role = replica;
        FOR name IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename NOT IN
                ('django_migrations', 'django_content_type', 'auth_permission')
        LOOP
            EXECUTE format('DELETE FROM %I', name);
        END LOOP;
    END $$
"""


def empty(_: TransactionTestCase) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(EMPTY)


def install() -> None:
    """Have it done at the end of each test with transactions of its own."""
    TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined] # the stubs do not know it
