"""An organization to try the product with: `manage.py demo_organization --slug acme`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from chatwork_admin.organizations.models import Organization
from chatwork_admin.support.demonstration import NotInProduction, Wish, prepare
from chatwork_admin.synchronization import gate

Plan = Organization.Plan


class Command(BaseCommand):
    requires_system_checks = ()  # they load every page: seconds for nothing
    help = (
        "Create an organization with an administrator, SAML, and user synchronization "
        "enabled, unless it is there; print how to reach it. Each call issues a new "
        "token and sets a new password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", required=True)
        parser.add_argument("--name", help="by default, the slug")
        parser.add_argument("--plan", choices=Plan.values, default=Plan.ENTERPRISE)
        parser.add_argument("--not-enabled", action="store_true")
        parser.add_argument("--json", action="store_true", help="one object, one line")

    def handle(
        self,
        *args: str,
        slug: str,
        name: str | None,
        plan: str,
        not_enabled: bool,
        json: bool,
        **options: object,
    ) -> None:
        wish = Wish(slug, name or slug, Plan(plan), is_enabled=not not_enabled)
        try:
            demonstration = prepare(wish)
        except (NotInProduction, gate.NotReady, gate.WrongState) as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as invalid:
            raise CommandError(" ".join(invalid.messages)) from invalid
        show = _for_programs if json else _for_people
        self.stdout.write(show(asdict(demonstration)))


def _for_programs(demonstration: dict[str, str | None]) -> str:
    return json.dumps(demonstration)


def _for_people(demonstration: dict[str, str | None]) -> str:
    lines = demonstration.items()
    return "\n".join(
        f"{name.replace('_', ' '):24}{value or '-'}" for name, value in lines
    )
