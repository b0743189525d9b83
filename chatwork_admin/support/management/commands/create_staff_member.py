"""Let somebody of the support staff in: `manage.py create_staff_member --email … `."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from chatwork_admin.support.models import StaffMember
from chatwork_admin.support.new_password import new_password
from chatwork_admin.support.staff import AlreadyThere, create_staff_member

VARIABLE = "STAFF_MEMBER_PASSWORD"


class Command(BaseCommand):
    help = (
        "Create a member of the support staff. The password comes from "
        f"--password-file, from {VARIABLE}, or is asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--role", choices=StaffMember.Role.values, default=StaffMember.Role.VIEWER
        )
        parser.add_argument("--password-file", type=Path)

    def handle(
        self,
        *args: str,
        email: str,
        name: str,
        role: str,
        password_file: Path | None,
        **options: object,
    ) -> None:
        try:
            member = create_staff_member(
                email=email,
                name=name,
                role=StaffMember.Role(role),
                password=new_password(password_file, VARIABLE),
            )
        except AlreadyThere as refusal:
            raise CommandError(str(refusal)) from refusal
        except ValidationError as invalid:
            raise CommandError("\n".join(invalid.messages)) from invalid
        self.stdout.write(f"{member.name} may sign in at /support/ as {member.role}.")
