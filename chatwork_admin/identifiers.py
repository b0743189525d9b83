"""Ids that sort by the time they were made, and random names for the outside."""

import secrets
import uuid
from datetime import datetime

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """Return a UUIDv7 (RFC 9562 §5.7): rows made later sort later."""
    return uuid7()


def first_id(instant: datetime) -> uuid.UUID:
    """Return what sorts before every id made since then, and after every earlier one."""
    return uuid.UUID(int=int(instant.timestamp() * 1000) << 80)


def new_public_id() -> str:
    """Return 22 URL-safe characters (128 random bits) that reveal nothing."""
    return secrets.token_urlsafe(16)
