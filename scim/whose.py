"""Whose a request is, before anybody has looked: as far as was seen of its token."""

from __future__ import annotations

import uuid

from chatwork_admin.authorization import tokens

MOST = 10_000
SEEN: dict[str, str] = {}  # organizations, by the digests of tokens that were let in


def token_in(authorization: str) -> str:
    """Return the token that a header says, "" for none (RFC 6750 §2.1)."""
    scheme, _, said = authorization.partition(" ")
    return said.strip() if scheme.lower() == "bearer" else ""


def note(token: str, organization_id: uuid.UUID) -> None:
    """Remember whose token was let in; it may be over by the time it is shown again."""
    if digest := tokens.digest_of(token):
        if len(SEEN) >= MOST:
            SEEN.clear()
        SEEN[digest] = str(organization_id)


def whose(authorization: str) -> str | None:
    """Return the organization of a token that was let in before; None for any other."""
    digest = tokens.digest_of(token_in(authorization))
    return SEEN.get(digest) if digest else None
