"""`python -m tests.demo`: the main job, end to end; `--check`: without a person."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from rich.console import Console

from chatwork_admin.embedded.children import CannotStart
from chatwork_admin.supervisor import Product
from chatwork_admin.supervisor.commands import data_directory
from tests.demo.commands import (
    CommandFailed,
    DemoOrganization,
    audit_status,
    make_organization,
)
from tests.demo.entra import ConnectionRefused, DemoEntra
from tests.demo.gallery import register, settings_for
from tests.demo.sign_in_port import sign_in_port
from tests.entra_id.authorization import NotAuthorized
from tests.entra_id.browser import PageRefused
from tests.entra_id.failures import BadConnection
from tests.entra_id.report import CycleReport, print_report
from tests.entra_id.sign_on.serving import serving

DELIVERY_SECONDS = 60.0
FIRST = ("sakura", "さくら商事株式会社")
SECOND = ("kaede", "かえで製作所")
REASONS = (
    *(CannotStart, CommandFailed),
    *(ConnectionRefused, PageRefused, NotAuthorized, BadConnection),
)


def main() -> int:
    """Return 0 only if nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="stop after the cycle; print JSON last"
    )
    is_check = parser.parse_args().check
    console = Console(stderr=is_check)
    try:
        return _demo(console, is_check=is_check)
    except REASONS as reason:
        console.print(f"The demo cannot go on: {reason}", markup=False, style="red")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0


def _demo(console: Console, *, is_check: bool) -> int:
    port = int(os.environ.get("PORT") or "8000")
    console.print("Starting PostgreSQL, Redis, web, worker, beat and relay …")
    known = data_directory() / "entra-id"
    signing_in = sign_in_port(known, port + 1)
    sign_in, by_hand = (f"http://127.0.0.1:{each}" for each in (signing_in, 8443))
    registration = register(port)
    settings = {"SAML_STAND_INS": f"{sign_in},{by_hand}"} | settings_for(registration)
    with Product(port=port, settings=settings) as product:
        organizations = FIRST, SECOND
        customer, newcomer = (
            make_organization(*each, product.environment) for each in organizations
        )
        entra = DemoEntra(known, registration, customer, console, sign_in)
        with serving(entra.site(), signing_in):
            report, somebody, events = _play(product, entra, console)
            if is_check:
                _print_figures(report, events)
                return 0 if report.is_clean else 1
            console.print(f"{events} audit events recorded and delivered")
            _invite(console, product, entra, newcomer, somebody)
            product.wait()
    return 0


def _play(
    product: Product, entra: DemoEntra, console: Console
) -> tuple[CycleReport, str, int]:
    """Return how the cycle went, who else signed in, and the number of new events."""
    console.print(f"{FIRST[1]} and Microsoft Entra ID (stand-in):")
    entra.connect()
    before = audit_status(product.environment)["events"]
    report = entra.run_cycle()
    print_report(report, console)
    somebody = entra.sign_in_somebody()
    return report, somebody, _delivered(product) - before


def _delivered(product: Product) -> int:
    """Wait until the outbox is empty; return the number of events."""
    deadline = time.monotonic() + DELIVERY_SECONDS
    while True:
        status = audit_status(product.environment)
        if not status["pending"]:
            return status["events"]
        if time.monotonic() > deadline:
            raise CommandFailed(f"{status['pending']} audit events are not delivered")
        product.watch(0.5)


def _print_figures(report: CycleReport, events: int) -> None:
    figures = {
        name: getattr(report, name)
        for name in ("created", "linked", "updated", "skipped", "failed")
    }
    print(
        json.dumps(figures | {"seconds": round(report.seconds, 2), "events": events}),
        flush=True,
    )


def _invite(
    console: Console,
    product: Product,
    entra: DemoEntra,
    newcomer: DemoOrganization,
    member: str,
) -> None:
    customer = entra.customer
    lines = [
        "",
        f"Portal          {customer.portal}",
        f"Sign in as      {customer.administrator_email}",
        f"Password        {customer.administrator_password}",
        f"Login URL       {product.base_url}/s/{FIRST[0]}/",
        f"Members         sign in there with Microsoft Entra ID, as {member}",
        "",
        f"{SECOND[1]} has not enabled user synchronization yet. Try it by hand:",
        f"Sign in as      {newcomer.administrator_email}",
        f"Password        {newcomer.administrator_password}",
        "",
        "What to try next",
        "  · open User Synchronization, Connection, Users, Teams and Audit log",
        "  · pause synchronization, then run a cycle and see what Entra ID is told:",
        f"      .venv/bin/python -m tests.entra_id cycle --scim-base {customer.scim_base} \\",
        f"        --registration {_shown(entra.registration_file)} \\",
        f"        --refresh-token {_shown(entra.refresh_token)} \\",
        f"        --state {_shown(entra.state)} --restart",
        "  · follow docs/tutorial/first-synchronization.md",
        f"Logs are in {_shown(product.directory / 'log')}.",
        "Ctrl-C stops everything; make demo-reset forgets it.",
    ]
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


if __name__ == "__main__":
    sys.exit(main())
