"""What we give out once and keep as a digest: tokens, secrets, codes.

`<prefix>_<32 random bytes>_<checksum>`: the prefix lets secret scanners find a leaked
credential, the checksum lets us refuse a mistyped one without asking the database.
"""

from __future__ import annotations

import hmac
import re
import secrets
import zlib
from enum import StrEnum
from functools import cache

from django.conf import settings


class Prefix(StrEnum):
    ACCESS_TOKEN = "scim"  # noqa: S105 - no secret, but what one begins with
    AUTHORIZATION_CODE = "scimcode"
    CLIENT_SECRET = "scimsecret"  # noqa: S105
    REFRESH_TOKEN = "scimrefresh"  # noqa: S105


def new(prefix: Prefix) -> str:
    """Return a credential of 256 random bits: nobody guesses it."""
    secret = secrets.token_urlsafe(32)
    return f"{prefix}_{secret}_{_checksum(secret)}"


def digest_of(credential: str, prefix: Prefix) -> str | None:
    """Return by what a credential is found; None of what cannot be one."""
    form = _form(prefix).fullmatch(credential)
    if form is None or _checksum(form[1]) != form[2]:
        return None
    pepper = settings.TOKEN_PEPPER.encode()
    return hmac.digest(pepper, credential.encode(), "sha256").hex()


def last_characters(credential: str) -> str:
    """Return by what people tell credentials apart: the end of the random part."""
    return credential.rpartition("_")[0][-4:]


@cache
def _form(prefix: Prefix) -> re.Pattern[str]:
    return re.compile(rf"{prefix}_([A-Za-z0-9_-]{{43}})_([0-9a-f]{{8}})")


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"
