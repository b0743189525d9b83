"""The product's own management commands, run beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class CommandFailed(Exception):
    """A management command ended with an error; its text says why."""


@dataclass(frozen=True)
class DemoOrganization:
    """A customer of the demo, as `manage.py demo_organization` describes it."""

    slug: str
    base_url: str
    scim_base: str
    portal: str
    saml_metadata: str
    administrator_email: str
    administrator_password: str


def make_organization(
    slug: str, name: str, environment: Mapping[str, str]
) -> DemoOrganization:
    """Create the organization if need be; its password is set anew."""
    made = _run(
        environment,
        *["demo_organization", "--slug", slug, "--name", name],
        *["--not-enabled", "--json"],
    )
    told = DemoOrganization.__dataclass_fields__.keys() & made.keys()
    known = {field: made[field] for field in told}
    return DemoOrganization(slug, environment["BASE_URL"], **known)


def audit_status(environment: Mapping[str, str]) -> dict[str, int]:
    """Return how many events there are, and how many deliveries are pending or dead."""
    status: dict[str, int] = _run(environment, "audit_status", "--json")
    return status


def _run(environment: Mapping[str, str], *command: str) -> Any:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandFailed(f"manage.py {command[0]}: {done.stderr.strip()[-800:]}")
    return json.loads(done.stdout.splitlines()[-1])
