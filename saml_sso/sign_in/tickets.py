"""Random words that a browser carries for us; we keep their digests only. Pure."""

from __future__ import annotations

import hashlib
import re
import secrets

_TICKET = re.compile(r"[A-Za-z0-9_-]{43}")


def new_ticket() -> str:
    """Return 43 URL-safe characters: 256 random bits."""
    return secrets.token_urlsafe(32)


def is_ticket(text: str) -> bool:
    """Say whether a text has the form of a ticket, before anything is asked of it."""
    return _TICKET.fullmatch(text) is not None


def digest(ticket: str) -> str:
    """Return what is stored. So much randomness needs no key and no slow hash."""
    return hashlib.sha256(ticket.encode()).hexdigest()
