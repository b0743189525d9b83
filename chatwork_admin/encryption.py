"""Texts that the database keeps but must not know: encrypted with a key of the environment.

A key is any long text; Fernet's own key is derived from it. The first one encrypts, all
of them decrypt, so that a key can be replaced without a gap.
"""

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Undecipherable(Exception):
    """None of the keys has encrypted this."""


def encrypt(text: str) -> str:
    return _ring(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(secret: str) -> str:
    """Return the text again. Raises Undecipherable."""
    try:
        return _ring(tuple(settings.ENCRYPTION_KEYS)).decrypt(secret.encode()).decode()
    except InvalidToken as invalid:
        raise Undecipherable(Undecipherable.__doc__) from invalid


@cache
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())
