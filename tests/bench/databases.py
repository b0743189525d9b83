"""The databases of a run, in the server that is there or beside the benchmark."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from chatwork_admin.embedded import Services
from chatwork_admin.embedded.postgresql import PostgreSQL


def fresh(server_url: str, database: str) -> str:
    """Make a database anew, and return its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        name = sql.Identifier(database)
        gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(gone.format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    return within(server_url, database)


def within(server_url: str, database: str) -> str:
    """Return the URL of another database of the same server."""
    return urlsplit(server_url)._replace(path=f"/{database}").geturl()


def settle(url: str) -> None:
    """Let a database finish what loading has begun, so that nobody pays for it later."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def embedded(services: Services) -> tuple[int | None, Path | None]:
    """Return the embedded PostgreSQL's first process and its programs; None elsewhere."""
    for server in services.servers:
        if isinstance(server, PostgreSQL) and server.child.process:
            return server.child.process.pid, server.binaries
    return None, None
