from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import User
from chatwork_admin.organizations.proofs import second_factor


class Command(BaseCommand):
    help = (
        "Removes the app for one-time codes of an organization administrator who has "
        "lost it and has neither SAML nor an emergency code. Make sure who asks."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login_email")

    def handle(self, *args: str, login_email: str, **options: object) -> None:
        people = User.objects.present().filter(user_name_key=fold(login_email))
        person = people.select_related("organization").first()
        if person is None or not second_factor.remove(person, actor=SYSTEM):
            raise CommandError("nobody of this name has set up one-time codes")
        self.stdout.write("Removed. It is in the organization's audit log.")
