"""What a client says of itself: by header, by body, or by both (RFC 6749 §2.3.1, B18)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

Said = tuple[str, str]  # client_id and secret
NOBODY = "", ""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What is said instead of a secret (RFC 7521 §4.2), or beside one, which is wrong."""

    kind: str
    text: str = field(repr=False)
    is_alone: bool


def credentials_of(header: str, client_id: str, client_secret: str) -> Said | None:
    """Return id and secret, if all that is said is the same; None otherwise.

    `header`: the value of Authorization. The rest is of the body, where an id alone
    repeats what the header says (RFC 6749 §3.2.1).
    """
    by_header = _in_header(header)
    if by_header is None:
        return client_id, client_secret
    by_body = client_id or by_header[0], client_secret or by_header[1]
    return by_header if by_header == by_body else None


def _in_header(header: str) -> Said | None:
    scheme, _, said = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(said.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return NOBODY
    client_id, _, secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
