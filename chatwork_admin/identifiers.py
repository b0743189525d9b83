"""Ids that sort by the time they were made, and random names for the outside."""

import re
import secrets
import uuid
from datetime import datetime

from uuid_utils.compat import uuid7

_OBJECT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def new_id() -> uuid.UUID:
    """Return a UUIDv7 (RFC 9562 §5.7): rows made later sort later."""
    return uuid7()


def first_id_at(instant: datetime) -> uuid.UUID:
    """Return what no id is less than that was made at this instant or later."""
    milliseconds = int(instant.timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | 0b10 << 62)


def is_object_id(text: str) -> bool:
    """Say whether a text has the form of Entra ID's object ids, which never change hands."""
    return _OBJECT_ID.fullmatch(text) is not None


def new_public_id() -> str:
    """Return 22 URL-safe characters (128 random bits) that reveal nothing."""
    return secrets.token_urlsafe(16)
