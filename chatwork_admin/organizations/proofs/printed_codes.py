"""Codes that people print and keep; all we keep is a keyed hash of each."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

from chatwork_admin.reference_numbers import ALPHABET

GROUP = 4


def new_code(length: int) -> str:
    """Return `length` characters of five random bits each, in groups: `7F3C-21KQ`."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(length))
    groups = (characters[at : at + GROUP] for at in range(0, length, GROUP))
    return "-".join(groups)


def characters_of(code: str) -> str:
    """However it was typed: small letters, spaces, hyphens or none."""
    return "".join(each for each in code.upper() if each in ALPHABET)


def hash_of(code: str, *, purpose: str) -> str:
    """Return what is stored. `purpose` says what the code is for, and whose it is."""
    named = f"{purpose} {characters_of(code)}"
    pepper = settings.TOKEN_PEPPER.encode()
    return hmac.new(pepper, named.encode(), hashlib.sha256).hexdigest()
