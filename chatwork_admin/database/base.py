"""Django's PostgreSQL, which asks a connection how it is without a round trip."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether a connection kept from an earlier request is still good.

        A server that went away closed its end, which makes the socket readable; on a
        silent one there is nothing to ask. Django itself would `SELECT 1` each time.
        """
        if self.connection is None or self.connection.closed:
            return False
        silent = select.poll()
        silent.register(self.connection.fileno(), select.POLLIN)
        return not silent.poll(0) or super().is_usable()
