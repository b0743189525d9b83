"""Cursors (RFC 9865): where a page ended, signed, for one query of one organization.

They hold a place in the order of the rows, not a number of rows: any page costs the
same, and none shows or misses anybody because somebody else came or went.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from scim2_models import ExpiredCursorException, InvalidCursorException

TIMEOUT = 3600  # seconds between two pages (§2.1 cursorTimeout)
SALT = "scim.cursors"

SortValue = str | bool | datetime | uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of a page: by what it was sorted, and its id."""

    id: uuid.UUID
    sort_value: SortValue = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on, and with how many (§2.4: `count` stays what it was)."""

    place: Place
    count: int


def context(*said: object) -> str:
    """Return a digest of what a cursor is bound to: organization, type, query."""
    text = json.dumps([str(each) for each in said]).encode()
    return blake2b(text, digest_size=16).hexdigest()


def issue(cursor: Cursor, of: str) -> str:
    """Return the cursor in the characters §2 allows."""
    place = cursor.place
    value = place.sort_value
    said = value if isinstance(value, str | bool | None) else str(value)
    return _signer().sign_object([of, cursor.count, str(place.id), said])


def redeem(text: str, of: str) -> Cursor:
    """Read a cursor. Raises InvalidCursorException, ExpiredCursorException."""
    try:
        bound_to, count, last, value = _signer().unsign_object(text, max_age=TIMEOUT)
    except SignatureExpired as error:
        raise ExpiredCursorException(detail="The cursor has expired") from error
    except BadSignature as error:
        raise InvalidCursorException(detail="This is no cursor of ours") from error
    if bound_to != of:
        raise InvalidCursorException(detail="The cursor belongs to another query")
    return Cursor(Place(uuid.UUID(last), value), count)


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=SALT, sep="~")
