"""The product as in production, with everything on but the rate limit."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from chatwork_admin.embedded.children import CannotStart
from chatwork_admin.supervisor.commands import HOST, MIGRATION, PROJECT, commands
from chatwork_admin.supervisor.environment import remember
from tests.bench.operations import CHANGE
from tests.bench.organizations import GROUP_ID, MARK, Organization, user_id, user_name
from tests.bench.results import OURS
from tests.bench.servers import People, Server, ask, free_port, start

NAME = OURS
# A benchmark asks for more than any customer may: the one place that names the setting.
WITHOUT_RATE_LIMIT = {"SCIM_RATE": "1000000", "SCIM_BURST": "1000000"}
TEMPLATE = {
    "schemas": [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ],
    "externalId": f"external-{MARK}",
    "active": True,
    "displayName": f"User {MARK}",
    "title": "Engineer",
    "name": {"givenName": "User", "familyName": MARK},
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        "employeeNumber": MARK,
        "department": "Development",
        "organization": "Example",
    },
}
TEMPLATE_GROUP = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    "displayName": f"Group {MARK}",
    "externalId": f"group-{MARK}",
}


@dataclass
class Product:
    """The product's processes and organizations on one database, run by `programs`."""

    programs: Path
    directory: Path
    database_url: str
    redis_url: str
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        settings = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "BASE_URL": f"http://{HOST}:{self.port}",
            "ALLOWED_HOSTS": HOST,
        }
        path = f"{self.programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        own = {"PATH": path, "DATA_DIRECTORY": str(self.directory)}
        self.environment = {**remember(self.directory, settings), **own}

    def migrate(self) -> None:
        self._run(*MIGRATION[1:])

    def found(self, slug: str) -> str:
        """Make an organization with its gate open; return its token."""
        command = ["manage.py", "demo_organization", "--slug", slug, "--json"]
        return str(json.loads(self._run(*command))["scim_token"])

    def serve(self) -> Server:
        """Start the web processes. Raises CannotStart."""
        environment = {
            **self.environment,
            **WITHOUT_RATE_LIMIT,
            "ENVIRONMENT": "production",
            "EMAIL_URL": "smtp://nobody.invalid",  # web processes send no mail
            "DATABASE_ROLE": "chatwork_app",
        }
        command = commands(self.port, self.directory)["web"]
        process = start(command, self.directory / "web.log", environment, self.port)
        return Server(
            name=NAME,
            base=f"http://{HOST}:{self.port}/scim/v2",
            people=People(0, "", "", ""),
            process=process,
            uses_postgresql=True,
        )

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.programs / "python", *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=PROJECT,
            env={**self.environment, "DATABASE_ROLE": ""},
        )
        if done.returncode:
            raise CannotStart(
                f"{' '.join(arguments[:2])} failed: {done.stderr[-2000:]}"
            )
        return done.stdout


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def people_of(organization: Organization) -> People:
    return People(
        size=organization.size,
        user_id=user_id(organization.number),
        user_name=user_name(organization.slug),
        group_id=GROUP_ID,
    )


def create_templates(server: Server, slug: str) -> tuple[str, str]:
    """Create a user and a group as a client does; return their ids."""
    name = user_name(slug).replace("%07d", MARK)
    emails = [{"type": "work", "primary": True, "value": name}]
    user = _create(server, "/Users", TEMPLATE | {"userName": name, "emails": emails})
    # The physical limit takes its event from this change.
    change = CHANGE.at(flip="true", serial="0")
    ask(server, change.method, f"/Users/{user}", change.body)
    return user, _create(server, "/Groups", TEMPLATE_GROUP)


def _create(server: Server, path: str, document: Mapping[str, object]) -> str:
    status, answer = ask(server, "POST", path, json.dumps(document))
    if status != HTTPStatus.CREATED:
        raise CannotStart(f"POST {path} answered {status}: {answer.decode()[:500]}")
    return str(json.loads(answer)["id"])
