"""How each peer is installed, filled and started."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from chatwork_admin.embedded.children import CannotStart
from chatwork_admin.supervisor.commands import HOST
from tests.bench import databases, installation, operations
from tests.bench.organizations import GROUPS
from tests.bench.servers import Missing, People, Server, complete, free_port, start

DJANGO = "tests.bench.peers.bare_django_scim2"
DATABASE = "bench_bare_django_scim2"
BEARER = {"Authorization": "Bearer bench"}
IN_MEMORY = People(
    size=0,
    user_id="01900000-0000-7000-8000-%012x",
    user_name="user%07d@bench.example.jp",
    group_id="01910000-0000-7000-8000-%012x",
)


def bare_django_scim2(folder: Path, database_url: str, size: int) -> Server:
    """django-scim2 alone, by gunicorn with two synchronous workers. Raises CannotStart."""
    programs = installation.python(folder, installation.SOURCES / "bare_django_scim2")
    environment = {
        **_fresh_database(database_url),
        "DJANGO_SETTINGS_MODULE": f"{DJANGO}.settings",
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    log = folder / "bare_django_scim2.log"
    command = [f"{programs}/python", "-m", "django", "migrate", "--run-syncdb"]
    complete(command, log, environment)
    _fill(database_url, size)
    port = free_port()
    serve = ["gunicorn", "--workers", "2", "--bind", f"{HOST}:{port}", "--timeout=300"]
    serve += ["--control-socket", f"{folder}/gunicorn.ctl"]
    renamed = operations.patch(
        operations.replacing("active", "{flip}"),
        operations.replacing("name.familyName", '"Title {serial}"'),
    )
    return Server(
        name="bare django-scim2",
        base=f"http://{HOST}:{port}/scim/v2",
        people=People(size, "%d", "user%07d@bench.example.jp", "%d"),
        process=start([*serve, f"{DJANGO}.wsgi"], log, environment, port),
        uses_postgresql=True,
        replaced={"change": replace(operations.CHANGE, body=renamed)},
        remarks=["It knows no title: `change` replaces the family name. No token."],
    )


def scimmy(folder: Path, _: str, size: int) -> Server:
    """SCIMMY and its routers on Express, one process. Raises CannotStart."""
    place = installation.node(folder, installation.SOURCES / "scimmy")
    port = free_port()
    command = ["node", f"{place}/server.js", str(port), str(size), str(GROUPS)]
    log = folder / "scimmy.log"
    return Server(
        name="SCIMMY",
        base=f"http://{HOST}:{port}/scim/v2",
        people=replace(IN_MEMORY, size=size),
        process=start(command, log, {"NODE_ENV": "production"}, port),
        headers=BEARER,
        remarks=["In memory, one process, nothing durable."],
    )


def scim2_server(folder: Path, _: str, size: int) -> Server:
    """scim2-server on Granian, one process with one thread. Raises CannotStart."""
    programs = installation.python(folder, installation.SOURCES / "scim2_server")
    port = free_port()
    command = [
        *[f"{programs}/granian", "--interface", "wsgi", "--port", str(port)],
        *["--workers", "1", "--blocking-threads", "1", "--no-access-log"],
        "tests.bench.peers.scim2_server.application:application",
    ]
    environment = {"NUMBER_OF_USERS": str(size), "NUMBER_OF_GROUPS": str(GROUPS)}
    log = folder / "scim2_server.log"
    return Server(
        name="scim2-server",
        base=f"http://{HOST}:{port}/v2",
        people=replace(IN_MEMORY, size=size),
        process=start(command, log, environment, port),
        headers=BEARER,
        replaced={"group": operations.STRICT_GROUP},
        remarks=[
            "In memory, one process, nothing durable.",
            "Removes all members of a group at once, for it takes no list.",
        ],
    )


PEERS: dict[str, Callable[[Path, str, int], Server]] = {
    "bare django-scim2": bare_django_scim2,
    "SCIMMY": scimmy,
    "scim2-server": scim2_server,
}


def start_all(
    folder: Path, database_url: str, size: int
) -> tuple[list[Server], list[Missing]]:
    """Start every peer that can be had, and say why the others cannot."""
    running: list[Server] = []
    missing: list[Missing] = []
    for name, start_one in PEERS.items():
        try:
            running.append(start_one(folder, database_url, size))
        except (CannotStart, psycopg.Error) as reason:
            missing.append(Missing(name, str(reason)))
    return running, missing


def forget_new(server: Server, database_url: str) -> None:
    """Remove who was created in the last round, where that can be done at once."""
    if server.uses_postgresql:
        with psycopg.connect(database_url, dbname=DATABASE) as connection:
            connection.execute(
                "DELETE FROM bare_django_scim2_user WHERE username LIKE 'fresh-%'"
            )


def _fresh_database(database_url: str) -> dict[str, str]:
    known = conninfo_to_dict(databases.fresh(database_url, DATABASE))
    return {
        "DATABASE_NAME": str(known["dbname"]),
        "DATABASE_HOST": str(known.get("host", "")),
        "DATABASE_PORT": str(known.get("port", "")),
        "DATABASE_USER": str(known.get("user", "")),
        "DATABASE_PASSWORD": str(known.get("password", "")),
    }


def _fill(database_url: str, size: int) -> None:
    with psycopg.connect(database_url, dbname=DATABASE, autocommit=True) as connection:
        connection.execute(USERS, [size])
        connection.execute(TEAMS, [GROUPS])
    databases.settle(databases.within(database_url, DATABASE))


USERS = """
WITH made AS (
    INSERT INTO bare_django_scim2_user (
        id, password, is_superuser, is_staff, is_active, date_joined, username,
        first_name, last_name, email, scim_id, scim_username, scim_external_id
    )
    SELECT n, '', false, false, true, now(), name, 'User', n::text, name, n::text, name,
           'external-' || n
    FROM generate_series(1, %s) AS n,
         LATERAL (SELECT format('user%%s@bench.example.jp', lpad(n::text, 7, '0'))) AS
             named (name)
    RETURNING id
)
SELECT setval('bare_django_scim2_user_id_seq', max(id)) FROM made
"""
TEAMS = """
INSERT INTO bare_django_scim2_group (id, name, scim_id, scim_display_name)
SELECT n, 'Group ' || n, n::text, 'Group ' || n FROM generate_series(1, %s) AS n
"""
