"""Let a customer in: `manage.py create_organization --slug … --name … `."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.founding import Founding, found
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.support.new_password import new_password

VARIABLE = "ADMINISTRATOR_PASSWORD"


class Command(BaseCommand):
    help = (
        "Create an organization with its administrator. The administrator's password "
        f"comes from --password-file, from {VARIABLE}, or is asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        plans = Organization.Plan
        parser.add_argument("--slug", required=True, help="of the login URL /s/<slug>/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--plan", choices=plans.values, default=plans.ENTERPRISE)
        parser.add_argument("--licences", type=int, required=True)
        parser.add_argument("--administrator-email", required=True)
        parser.add_argument("--administrator-name", required=True)
        parser.add_argument("--password-file", type=Path)

    def handle(self, *args: str, password_file: Path | None, **options: object) -> None:
        password = new_password(password_file, VARIABLE)
        fields = {name: options[name] for name in FIELDS}
        try:
            validate_password(password, _administrator(fields))
            organization = found(
                Founding(administrator_password=password, **fields),  # type: ignore[arg-type]
                actor=SYSTEM,
            )
        except ValidationError as invalid:
            raise CommandError("\n".join(invalid.messages)) from invalid
        except IntegrityError as taken:
            raise CommandError("the slug or the login e-mail is taken") from taken
        self.stdout.write(f"{organization.name} may sign in at /s/{organization.slug}/")


def _administrator(fields: dict[str, Any]) -> User:
    """Return who gets the password, which may not be close to what they are called."""
    return User(
        user_name=fields["administrator_email"],
        display_name=fields["administrator_name"],
    )


FIELDS = (
    "name",
    "slug",
    "plan",
    "licences",
    "administrator_email",
    "administrator_name",
)
