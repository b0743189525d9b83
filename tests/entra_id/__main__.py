"""The commands of `python -m tests.entra_id`."""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import Progress, TaskID

from tests.entra_id import run
from tests.entra_id.authorization import Click, NotAuthorized, Registration, keep
from tests.entra_id.client import Retries, ScimClient
from tests.entra_id.command_line import (
    SECRET_VARIABLE,
    TOKEN_VARIABLE,
    parse_options,
)
from tests.entra_id.credentials import OAuthClient, WorkloadClient
from tests.entra_id.dialects import Dialect
from tests.entra_id.directory import (
    Directory,
    UnreadableDirectory,
    person_named,
    read_directory,
    write_directory,
)
from tests.entra_id.failures import BadConnection
from tests.entra_id.federation_metadata import federation_metadata
from tests.entra_id.generate import generate_directory
from tests.entra_id.identity_provider import open_identity_provider
from tests.entra_id.led_back import wait_for_the_browser
from tests.entra_id.mapping import MAPPINGS
from tests.entra_id.provisioning import ProvisioningService, ProvisioningSettings
from tests.entra_id.report import CycleReport, as_document, print_report
from tests.entra_id.sign_on.applications import application_from_metadata
from tests.entra_id.sign_on.serving import HOST, new_server
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.entra_id.workload_identity import WorkloadIdentity


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    options = parse_options(arguments)
    try:
        return _COMMANDS[options.command](options)
    except UnreadableDirectory as unreadable:
        print(unreadable, file=sys.stderr)
        return 2


def cycle(options: argparse.Namespace) -> int:
    bars = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty())
    with bars, _client(options) as client:
        service = _service(options, client, _shown_in(bars))
        report = _run_cycle(service, options)
    if options.json:
        print(json.dumps(as_document(report), ensure_ascii=False))
    else:
        print_report(report, Console())
    return 0 if report.is_clean else 1


def test_connection(options: argparse.Namespace) -> int:
    with _client(options) as client:
        result = _bare_service(options, client).test_connection()
    print(result.explanation)
    return 0 if result.succeeded else 1


def authorize(options: argparse.Namespace) -> int:
    click = Click(Registration.read(options.registration))
    print(
        f"Open this address and consent; I wait for you:\n{click.address}", flush=True
    )
    brought = wait_for_the_browser(click.registration.redirect_uri)
    try:
        keep(click.redeem(brought), options.refresh_token)
    except (NotAuthorized, BadConnection) as refused:
        print(refused)
        return 1
    print(f"Authorized; the refresh token is in {options.refresh_token}")
    return 0


def metadata(options: argparse.Namespace) -> int:
    provider = open_identity_provider(options.folder)
    if options.authority:
        provider = replace(provider, authority=options.authority.rstrip("/"))
    document = federation_metadata(
        provider, with_byte_order_mark=not options.without_mark
    )
    if options.output is None:
        sys.stdout.buffer.write(document)
    else:
        options.output.write_bytes(document)
    return 0


def generate(options: argparse.Namespace) -> int:
    directory = generate_directory(options.users, options.seed, options.domain)
    write_directory(directory, options.directory)
    print(
        f"{len(directory.users)} users, {len(directory.groups)} groups: {options.directory}"
    )
    return 0


def identity_provider(options: argparse.Namespace) -> int:
    directory = read_directory(options.directory)
    people = [person_named(address) for address in options.also]
    tenant = Tenant(
        open_identity_provider(options.folder), directory.with_users(*people)
    )
    for source in options.application:
        application = application_from_metadata(_read(source))
        tenant.register(
            replace(
                application,
                signing_option=options.signing_option,
                sends_groups=options.groups,
                requires_signed_requests=options.signed_requests,
            )
        )
    server = new_server(Site(tenant), options.port, with_tls=options.tls)
    scheme = "https" if options.tls else "http"
    print(f"{scheme}://{HOST}:{server.server_port}/{tenant.provider.tenant_id}/")
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


def _read(source: str) -> bytes:
    if source.startswith(("http://", "https://")):
        return httpx.get(source).raise_for_status().content
    return Path(source).read_bytes()


def _shown_in(bars: Progress) -> run.Progress:
    tasks: dict[str, TaskID] = {}

    def show(kind: str, done: int, total: int) -> None:
        if kind not in tasks:
            tasks[kind] = bars.add_task(kind, total=total)
        bars.update(tasks[kind], completed=done)

    return show


def _run_cycle(
    service: ProvisioningService, options: argparse.Namespace
) -> CycleReport:
    if options.end_quarantine:
        service.end_quarantine()
    if options.restart:
        return service.initial_cycle(restart=True)
    if options.initial or not (options.incremental or service.state.watermark):
        return service.initial_cycle()
    return service.incremental_cycle(allow_deletions=options.allow_deletions)


def _service(
    options: argparse.Namespace, client: ScimClient, progress: run.Progress
) -> ProvisioningService:
    return ProvisioningService(
        client=client,
        directory=read_directory(options.directory),
        state_file=options.state,
        progress=progress,
        settings=ProvisioningSettings(
            mapping=MAPPINGS[options.mapping],
            dialect=Dialect(options.dialect),
            with_groups=not options.without_groups,
            workers=options.workers,
            deletion_threshold=options.deletion_threshold,
        ),
    )


def _bare_service(
    options: argparse.Namespace, client: ScimClient
) -> ProvisioningService:
    """Testing the connection needs neither a directory nor a memory."""
    return ProvisioningService(
        client=client,
        directory=Directory(),
        state_file=Path(os.devnull),
        settings=ProvisioningSettings(with_groups=not options.without_groups),
    )


def _client(options: argparse.Namespace) -> ScimClient:
    retries = Retries(options.retries, options.longest_wait)
    return ScimClient(options.scim_base, _credentials(options), retries=retries)


def _credentials(options: argparse.Namespace) -> str | OAuthClient:
    if options.refresh_token:
        known = Registration.read(options.registration)
        return known.client(options.refresh_token.read_text(encoding="utf-8"))
    if not options.token_endpoint:
        return _token(options)
    if options.audience:
        workload = _workload(options)
        return WorkloadClient(options.token_endpoint, options.client_id, workload)
    return OAuthClient(
        options.token_endpoint,
        options.client_id,
        os.environ.get(SECRET_VARIABLE, ""),
        sent=options.credentials_in,
    )


def _workload(options: argparse.Namespace) -> WorkloadIdentity:
    provider = open_identity_provider(options.folder)
    issuer = replace(provider, authority=options.authority.rstrip("/"))
    return WorkloadIdentity(issuer, options.subject, options.audience)


def _token(options: argparse.Namespace) -> str:
    if options.token:
        return str(options.token)
    if options.token_file:
        return str(options.token_file.read_text(encoding="ascii").strip())
    return os.environ.get(TOKEN_VARIABLE, "")


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "authorize": authorize,
    "cycle": cycle,
    "test-connection": test_connection,
    "metadata": metadata,
    "generate": generate,
    "identity-provider": identity_provider,
}

if __name__ == "__main__":
    sys.exit(main())
