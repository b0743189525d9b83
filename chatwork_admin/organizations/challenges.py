"""What a security key is to sign: random, for one session, once, for five minutes."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from chatwork_admin.organizations.models import Challenge
from chatwork_admin.organizations.sessions import key_hash
from chatwork_admin.statements import fetch

SIZE = 32  # bytes
LIFETIME = timedelta(minutes=5)
Purpose = Challenge.Purpose


def issue(session: SessionBase, purpose: Purpose) -> bytes:
    """Return a new challenge to the browser of a session; the one before is void.

    Whoever has no session gets one, for as long as the challenge lasts.
    """
    if session.is_empty() or not session.exists(str(session.session_key)):
        session.create()
        session.set_expiry(LIFETIME)
    value = secrets.token_bytes(SIZE)
    Challenge.objects.update_or_create(
        key_hash=key_hash(str(session.session_key)),
        purpose=purpose,
        defaults={"value": value, "expires_at": timezone.now() + LIFETIME},
    )
    return value


def take(session: SessionBase, purpose: Purpose) -> bytes:
    """Use up the session's challenge. Without one it returns what nobody has signed."""
    asked = [key_hash(str(session.session_key)), purpose.value, timezone.now()]
    taken = fetch(TAKE, asked)
    return bytes(taken[0]) if taken else secrets.token_bytes(SIZE)


def forget_expired() -> int:
    """Delete what nobody has brought back in time; return how many."""
    count, _ = Challenge.objects.filter(expires_at__lt=timezone.now()).delete()
    return count


TAKE = """
    DELETE FROM organizations_challenge
    WHERE key_hash = %s AND purpose = %s AND expires_at > %s
    RETURNING value
"""
