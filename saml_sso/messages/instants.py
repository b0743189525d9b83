"""Instants as SAML writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# SAML Core §1.3.3: xs:dateTime in UTC. Entra writes three digits of a second.
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z", re.ASCII)


def read_instant(text: str) -> datetime:
    """Return an aware instant in UTC. Raises ValueError for any other form."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("no instant in UTC")
    return datetime.fromisoformat(text)


def write_instant(instant: datetime) -> str:
    """Write an aware instant, to the second."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
