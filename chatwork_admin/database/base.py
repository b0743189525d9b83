"""Django's PostgreSQL, which asks a connection how it is without a round trip."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
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
