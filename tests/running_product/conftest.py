"""The product as its users meet it: processes of its own, over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from chatwork_admin.supervisor import Product
from tests.demo.gallery import register, settings_for
from tests.entra_id.authorization import Registration
from tests.entra_id.client import Retries, ScimClient
from tests.entra_id.directory import Directory, read_directory
from tests.entra_id.provisioning import ProvisioningService, ProvisioningSettings
from tests.running_product.issued import Issued
from tests.running_product.leaks import Search, lay_open, search


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


OBSERVED = Path(__file__).parent / "observed"
STAND_IN = f"http://127.0.0.1:{free_port()}"
DATA = Path(__file__).parents[1] / "entra_id" / "data"


class RunningProduct:
    """The product's processes, and its management commands beside them."""

    def __init__(
        self, product: Product, registration: Registration, issued: Issued
    ) -> None:
        self.product, self.registration, self.issued = product, registration, issued

    @cached_property
    def commands(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.running_product.commands"],
            env={**os.environ, **self.product.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def command(self, *words: str) -> Any:
        """Run a management command that prints JSON, as the application's role."""
        asked, printed = self.commands.stdin, self.commands.stdout
        assert asked
        assert printed
        print(json.dumps([*words, "--json"]), file=asked, flush=True)
        return json.loads(json.loads(printed.readline()).splitlines()[-1])

    def organization(self, slug: str) -> dict[str, str]:
        """Make an enabled organization; `scim_base` and `scim_token` are among its facts."""
        made: dict[str, str] = self.command("demo_organization", "--slug", slug)
        self.issued.add("password", made["administrator_password"])
        self.issued.add("bearer token", made["scim_token"])
        return made

    def wait_until_delivered(self, seconds: float = 60.0) -> dict[str, int]:
        """Return the outbox's figures once nothing is pending."""
        for _ in range(int(seconds / 0.2)):
            ready = httpx.get(f"{self.product.base_url}/readyz", timeout=30).json()
            if not ready["audit_backlog"]:
                status: dict[str, int] = self.command("audit_status")
                return status
            self.product.watch(0.2)
        raise AssertionError(f"not delivered: {ready}")

    def search_for_secrets(self) -> Search:
        """Look for all that was issued so far in all that is kept and written."""
        with tempfile.TemporaryDirectory() as place:
            (folder := Path(place) / "open").mkdir()
            lay_open(self.product, folder)
            return search(folder, self.issued.secrets(), Path(place) / "patterns")

    def delivered_lines(self) -> list[dict[str, str]]:
        """Return what the log sink wrote, whichever process delivered it."""
        logs = self.product.directory / "log"
        return [
            json.loads(line[line.index("{") :])
            for name in ("worker", "relay")
            for line in (logs / f"{name}.log").read_text().splitlines()
            if '"event_id"' in line
        ]


@pytest.fixture(scope="session")
def running() -> Iterator[RunningProduct]:
    """Start the product with servers of its own, not those of the other tests."""
    with (
        tempfile.TemporaryDirectory(prefix="chatwork-admin-product-") as folder,
        contextlib.ExitStack() as exits,
    ):
        Path(folder).chmod(0o711)  # PostgreSQL's user passes through
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("DATABASE_URL")
            patch.delenv("REDIS_URL")
            port = free_port()
            registration = register(port)
            issued = Issued(Path(folder) / "issued")
            settings = {
                "PYTHONPATH": str(OBSERVED),
                "ISSUED": str(issued.file),
                "SAML_STAND_INS": STAND_IN,
                **settings_for(registration),
            }
            product = Product(port=port, directory=Path(folder), settings=settings)
            exits.enter_context(product)
            issued.add_settings(product.environment)
        running = RunningProduct(product, registration, issued)
        with running.commands:
            yield running
        assert not running.search_for_secrets().found


def connected(running: RunningProduct) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(running.product.environment["DATABASE_URL"])


@pytest.fixture(scope="session")
def directory() -> Directory:
    return read_directory(DATA)


def entra(
    customer: dict[str, str],
    directory: Directory,
    state: Path,
    settings: ProvisioningSettings | None = None,
    *,
    credentials: httpx.Auth | None = None,
    retries: Retries | None = None,
) -> ProvisioningService:
    """Return the stand-in, connected to a customer of the running product."""
    client = ScimClient(
        customer["scim_base"],
        credentials or customer["scim_token"],
        retries=retries or Retries(attempts=5, longest_wait=5.0, first_wait=0.2),
    )
    return ProvisioningService(
        client, directory, state, settings or ProvisioningSettings()
    )


def in_a_domain_of_its_own(directory: Directory, slug: str) -> Directory:
    """A login e-mail is unique over all organizations: give each test its own."""
    return directory.with_users(
        *(
            replace(
                user,
                user_principal_name=user.user_principal_name.replace(
                    "@", f"@{slug}.", 1
                ),
                mail=user.mail.replace("@", f"@{slug}.", 1),
            )
            for user in directory.users.values()
        )
    )


def smaller(directory: Directory, count: int) -> Directory:
    """Keep the first active users, and of every group those of its members."""
    active = [user for user in directory.users.values() if user.is_active][:count]
    kept = {user.object_id for user in active}
    return directory.without_users(*(directory.users.keys() - kept))
