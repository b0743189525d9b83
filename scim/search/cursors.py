"""Cursors (RFC 9865): where a page begins or ends, for one query of one organization.

They hold a place in the order of the rows, not a number of rows: any page costs the
same, and none shows or misses anybody because somebody else came or went. What they
say is encrypted (§5.2): a place is a name or an e-mail address of somebody.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.crypto import salted_hmac
from scim2_models import ExpiredCursorException, InvalidCursorException

TIMEOUT = 3600  # seconds between two pages (RFC 9865 §4)
MAX_LENGTH = 4096  # characters; ours are shorter
NONCE = 12  # bytes, by chance (NIST SP 800-38D)
SALT = "scim.search.cursors"

SortValue = str | bool | datetime | uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Place:
    """A row at the edge of a page: by what it was sorted, and its id.

    `kind`: which of several collections has it.
    """

    id: uuid.UUID
    sort_value: SortValue = None
    kind: int = 0


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on, with how many (`count` stays what it was), and which way."""

    place: Place
    count: int
    is_backward: bool = False


def context(*said: object) -> str:
    """Return a digest of what a cursor is bound to: organization, type, query."""
    text = json.dumps([str(each) for each in said]).encode()
    return blake2b(text, digest_size=16).hexdigest()


def issue(cursor: Cursor, of: str) -> str:
    """Return the cursor in the characters RFC 9865 §2 allows."""
    place = cursor.place
    value = place.sort_value
    said = value if isinstance(value, str | bool | None) else str(value)
    where = str(place.id), said, place.kind
    holds = [time.time(), of, cursor.count, cursor.is_backward, *where]
    nonce = os.urandom(NONCE)
    sealed = _ciphers()[0].encrypt(nonce, json.dumps(holds).encode(), None)
    return _spelled(nonce + sealed)


def redeem(text: str, of: str) -> Cursor:
    """Read a cursor. Raises InvalidCursorException, ExpiredCursorException."""
    bound_to, cursor = read(text)
    if bound_to != of:
        raise InvalidCursorException(
            detail="The cursor belongs to another query; ask as for the first page"
        )
    return cursor


def read(text: str) -> tuple[str, Cursor]:
    """Return what a cursor is bound to, which is to be compared, and itself.

    Raises InvalidCursorException, ExpiredCursorException.
    """
    issued_at, bound_to, count, is_backward, row, *where = json.loads(_opened(text))
    if issued_at + TIMEOUT < time.time():
        raise ExpiredCursorException(
            detail=f"The cursor was good for {TIMEOUT} seconds; begin with an empty one"
        )
    return bound_to, Cursor(Place(uuid.UUID(row), *where), count, is_backward)


def _opened(text: str) -> bytes:
    try:
        return _deciphered(text)
    except (InvalidTag, ValueError) as error:
        raise InvalidCursorException(
            detail="This is no cursor of ours; begin with an empty one"
        ) from error


def _deciphered(text: str) -> bytes:
    """Return what a cursor holds, if it is spelled as `issue` does."""
    held = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(text) > MAX_LENGTH or text != _spelled(held):
        raise InvalidTag
    nonce, sealed = held[:NONCE], held[NONCE:]
    for cipher in _ciphers():
        with suppress(InvalidTag):
            return cipher.decrypt(nonce, sealed, None)
    raise InvalidTag


def _spelled(held: bytes) -> str:
    return urlsafe_b64encode(held).decode().rstrip("=")


def _ciphers() -> list[AESGCM]:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [_cipher(secret) for secret in secrets]


@cache
def _cipher(secret: str) -> AESGCM:
    return AESGCM(
        salted_hmac(SALT, "sealed", secret=secret, algorithm="sha256").digest()
    )
