from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.folding import fold
from chatwork_admin.support import second_factor
from chatwork_admin.support.models import StaffMember


class Command(BaseCommand):
    help = (
        "Removes the app for one-time codes of somebody of the support staff who has "
        "lost it, and ends their sessions. The next sign-in, with the password alone, "
        "leads to setting up another. Make sure who asks."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: str, email: str, **options: object) -> None:
        member = StaffMember.objects.filter(email=fold(email)).first()
        if member is None or not second_factor.reset(member, actor=SYSTEM):
            raise CommandError("nobody of this name has set up one-time codes")
        self.stdout.write("Removed. It is in the audit log.")
