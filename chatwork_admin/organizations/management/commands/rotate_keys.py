from __future__ import annotations

from django.core.management.base import BaseCommand

from chatwork_admin.organizations.proofs import reencryption


class Command(BaseCommand):
    help = (
        "Encrypts every secret in the database anew, with the first of ENCRYPTION_KEYS. "
        "Afterwards the others are needed no more."
    )

    def handle(self, *args: str, **options: object) -> None:
        count = reencryption.encrypt_anew()
        self.stdout.write(f"Encrypted anew: {count}")
