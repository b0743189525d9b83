"""Statements that an event loop awaits, each on a connection that is free."""

from __future__ import annotations

from asyncio import LifoQueue
from typing import cast

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import TransactionStatus

from chatwork_admin.database.base import DatabaseWrapper
from chatwork_admin.database.prepared import Parameters, Row


class Awaited:
    """Connections that are opened when they are needed; who finds none free waits."""

    def __init__(self, most: int) -> None:
        self.free: LifoQueue[DatabaseWrapper] = LifoQueue()
        for _ in range(most):
            made = connections.create_connection(DEFAULT_DB_ALIAS)
            self.free.put_nowait(cast(DatabaseWrapper, made))

    async def rows(self, sql: str, parameters: Parameters) -> list[Row]:
        """Return what a statement, a transaction of its own, returns. Raises Django's errors."""
        database = await self.free.get()
        try:
            database.close_if_unusable_or_obsolete()
            database.ensure_connection()
            with database.wrap_database_errors:
                return await database.prepared.awaited(sql, parameters)
        finally:
            if not _is_idle(database):
                database.close()  # whoever awaited it has gone, or it is broken
            self.free.put_nowait(database)


def _is_idle(database: DatabaseWrapper) -> bool:
    connection = database.connection
    if connection is None:
        return False
    status: TransactionStatus = connection.pgconn.transaction_status
    return status == TransactionStatus.IDLE
