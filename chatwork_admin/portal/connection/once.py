"""A form that issues something does so once for each time that it was shown.

What it issues is shown once and kept nowhere, so the answer cannot be a redirect;
sending the form again must be harmless in another way.
"""

from __future__ import annotations

import secrets

from django.contrib.sessions.backends.base import SessionBase

REMEMBERED = 50  # forms of one session
USED = "used_token_forms"


class IssuedAlready(Exception):
    """This form has issued what it issues."""


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def require_unused(session: SessionBase, nonce: str) -> None:
    """Raise IssuedAlready for a form that was carried out. Call it under a lock."""
    if nonce in _used(session):
        raise IssuedAlready(IssuedAlready.__doc__)


def remember(session: SessionBase, nonce: str) -> None:
    session[USED] = [*_used(session), nonce][-REMEMBERED:]
    session.save()


def _used(session: SessionBase) -> list[str]:
    # A double click sends both forms at once: read again what the other has stored.
    used: list[str] = type(session)(session.session_key).get(USED, [])
    return used
