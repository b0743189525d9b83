"""The demo's Entra ID: it keeps its key, its credential and its anchors in a folder."""

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tests.demo.commands import DemoOrganization
from tests.entra_id.administrator import Administrator
from tests.entra_id.authorization import Click, Registration, keep
from tests.entra_id.client import Retries, ScimClient
from tests.entra_id.directory import person_named, read_directory
from tests.entra_id.federation_metadata import federation_metadata
from tests.entra_id.identity_provider import (
    IdentityProvider,
    open_identity_provider,
)
from tests.entra_id.member import Member
from tests.entra_id.provisioning import ConnectionTest, ProvisioningService
from tests.entra_id.report import CycleReport
from tests.entra_id.sign_on.applications import application_from_metadata
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant

DIRECTORY = Path(__file__).parents[1] / "entra_id" / "data"


class ConnectionRefused(Exception):
    """The product did not answer "Test Connection" as Entra ID needs it."""


@dataclass
class DemoEntra:
    """Microsoft Entra ID, with one tenant; `known` is what it remembers between runs."""

    known: Path
    registration: Registration
    customer: DemoOrganization
    console: Console
    address: str

    @property
    def folder(self) -> Path:
        return self.known / self.customer.slug

    @property
    def registration_file(self) -> Path:
        """What Microsoft knows of the application, for the commands of the stand-in."""
        return self.known / "registration.json"

    @property
    def refresh_token(self) -> Path:
        """The file that keeps what *Authorize* has given."""
        return self.folder / "refresh-token"

    @property
    def state(self) -> Path:
        return self.folder / "state.json"

    @property
    def provider(self) -> IdentityProvider:
        return replace(open_identity_provider(self.folder), authority=self.address)

    def site(self) -> Site:
        """Return where people sign in: the directory's, and the administrator."""
        administrator = person_named(self.customer.administrator_email)
        directory = read_directory(DIRECTORY).with_users(administrator)
        tenant = Tenant(self.provider, directory)
        metadata = httpx.get(self.customer.saml_metadata).raise_for_status().content
        tenant.register(application_from_metadata(metadata))
        return Site(tenant)

    def connect(self) -> None:
        """Play the tutorial: set SAML up, enable, click *Authorize* and consent."""
        self.registration.keep(self.registration_file)
        with Administrator(self.customer.base_url) as administrator:
            administrator.sign_in(
                self.customer.administrator_email, self.customer.administrator_password
            )
            if not administrator.is_enabled():
                self._enable(administrator)
            if not (self.refresh_token.exists() and self._test_connection().succeeded):
                click = Click(self.registration)
                brought = administrator.authorize(click.address)
                keep(click.redeem(brought), self.refresh_token)
                self._say("Authorize: the administrator has let Entra ID in")

    def run_cycle(self) -> CycleReport:
        """Test the connection, then run an initial cycle as after "Restart provisioning"."""
        bars = Progress(
            TextColumn("  {task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        test = self._test_connection()
        if not test.succeeded:
            raise ConnectionRefused(f"Test Connection: {test.explanation}")
        self._say(f"Test Connection: {test.explanation}")
        with bars, self._client() as client:
            service = self._service(client)
            service.progress = _Bars(bars)
            service.end_quarantine()
            return service.initial_cycle(restart=True)

    def sign_in_somebody(self) -> str:
        """Sign somebody in by SAML, and the administrator too; return the address."""
        users = read_directory(DIRECTORY).users.values()
        somebody = next(each for each in users if each.is_active and each.assigned)
        names = (
            somebody.user_principal_name,
            self.customer.administrator_email,
        )
        for name in names:
            with Member(self.customer.base_url) as member:
                page = member.sign_in(self.customer.slug, name)
            path = urlsplit(page.url).path
            self._say(f"{name} signed in with Entra ID and is at {path}")
        return somebody.user_principal_name

    def _enable(self, administrator: Administrator) -> None:
        administrator.configure_saml(federation_metadata(self.provider))
        self._say("SAML configured from the federation metadata")
        administrator.test_saml(self.customer.administrator_email)
        administrator.switch_saml_on()
        self._say("SAML sign-in tested, and switched on")
        administrator.enable_synchronization()
        self._say("nine notes confirmed, user synchronization enabled")

    def _test_connection(self) -> ConnectionTest:
        with self._client() as client:
            return self._service(client).test_connection()

    def _client(self) -> ScimClient:
        return ScimClient(
            self.customer.scim_base,
            self.registration.client(self.refresh_token.read_text(encoding="utf-8")),
            retries=Retries(longest_wait=10.0),
        )

    def _service(self, client: ScimClient) -> ProvisioningService:
        return ProvisioningService(client, read_directory(DIRECTORY), self.state)

    def _say(self, text: str) -> None:
        self.console.print(f"  ✓ {text}", highlight=False)


@dataclass
class _Bars:
    """One bar for each kind of object."""

    progress: Progress

    def __call__(self, kind: str, done: int, total: int) -> None:
        known = {task.description: task.id for task in self.progress.tasks}
        bar = known.get(kind)
        if bar is None:
            bar = self.progress.add_task(kind, total=total)
        self.progress.update(bar, completed=done, total=total)
