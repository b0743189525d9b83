"""Django's PostgreSQL, with a shorter way for what each request comes by."""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from chatwork_admin.database.prepared import (
    Parameters,
    Prepared,
    PreparedByCursors,
    Row,
)


class DatabaseWrapper(base.DatabaseWrapper):
    prepared: Prepared

    def get_new_connection(
        self, conn_params: dict[str, Any]
    ) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] = super().get_new_connection(conn_params)
        PreparedByCursors.keep(connection)
        self.prepared = Prepared(connection)
        return connection

    def rows(self, sql: str, parameters: Parameters) -> list[Row]:
        """Return what a statement returns, without a cursor unless somebody watches.

        Tests count statements, and time them, by what passes Django's cursors.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        if self._is_watched:
            return self._by_cursor(sql, parameters)
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            return self.prepared.rows(sql, parameters)

    def is_usable(self) -> bool:
        """Whether a connection is still good; Django would `SELECT 1` for each request.

        A server that went away has closed its end, which makes the socket readable. Of
        a connection that is silent and idle there is nothing more to learn.
        """
        connection = self.connection
        if connection is None or connection.closed:
            return False
        server = select.poll()
        server.register(connection.fileno(), select.POLLIN)
        is_idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
        return (is_idle and not server.poll(0)) or super().is_usable()

    @property
    def _is_watched(self) -> bool:
        return bool(self.queries_logged or self.execute_wrappers)

    def _by_cursor(self, sql: str, parameters: Parameters) -> list[Row]:
        with self.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def _commit(self) -> None:
        if self._is_watched:
            super()._commit()  # type: ignore[misc] # the stubs do not know it
        elif self.connection is not None:
            with self.wrap_database_errors:
                self.prepared.end("COMMIT")

    def _rollback(self) -> None:
        """Roll back; psycopg would drop all prepared statements with each roll-back.

        It thinks of tables made in the transaction; each refused write is rolled back.
        """
        if self._is_watched:
            super()._rollback()  # type: ignore[misc] # nor this one
        elif self.connection is not None:
            with self.wrap_database_errors:
                self.prepared.end("ROLLBACK")

    def _savepoint_rollback(self, sid: str) -> None:
        if self._is_watched:
            super()._savepoint_rollback(sid)  # type: ignore[misc] # nor this one
        else:
            with self.wrap_database_errors:
                self.prepared.command(self.ops.savepoint_rollback_sql(sid))
