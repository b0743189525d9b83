"""Encrypt what is kept encrypted with the first of `ENCRYPTION_KEYS`."""

from __future__ import annotations

from django.db import transaction

from chatwork_admin.encryption import decrypt, encrypt
from chatwork_admin.organizations.models.second_factors import AuthenticatorApp


def encrypt_anew() -> int:
    """Encrypt every secret with the first key; return how many rows there were."""
    return sum(_encrypt_anew(table) for table in AuthenticatorApp.__subclasses__())


def _encrypt_anew(table: type[AuthenticatorApp]) -> int:
    rows, count = table.objects.all(), 0
    for pk in rows.values_list("pk", flat=True).iterator():
        with transaction.atomic():
            factor = rows.select_for_update().filter(pk=pk).first()
            if factor is not None:
                factor.secret = _anew(factor.secret)
                factor.pending = _anew(factor.pending)
                factor.save(update_fields=["secret", "pending"])
                count += 1
    return count


def _anew(encrypted: str) -> str:
    return encrypt(decrypt(encrypted)) if encrypted else ""
