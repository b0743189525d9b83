"""Find sessions: by the key that a browser brings, or by the person."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.sessions import idle_limit

MOST_SEEN = 10_000
SEEN: set[str] = set()  # sessions, by the hashes of their keys, that this process found


def find(session_key: str | None) -> UserSession | None:
    """Return the session that has not been ended, with its user and organization."""
    session = find_even_ended(session_key)
    return None if session is None or session.ended_at else session


def find_even_ended(session_key: str | None) -> UserSession | None:
    """Return the session, ended or not, with its user and organization."""
    if session_key is None:
        return None
    sessions = UserSession.objects.filter(key_hash=key_hash(session_key))
    session = sessions.select_related("user__organization").first()
    if session is not None:
        if len(SEEN) >= MOST_SEEN:
            SEEN.clear()
        SEEN.add(session.key_hash)
    return session


def was_found(session_key: str | None) -> bool:
    """Say whether it was found a while ago, without looking: it may be over since."""
    return session_key is not None and key_hash(session_key) in SEEN


def open_sessions(user: User) -> QuerySet[UserSession]:
    """Return the sessions that would be let in now, the latest seen first."""
    now = timezone.now()
    sessions = UserSession.objects.filter(
        organization=user.organization_id,
        user=user,
        ended_at=None,
        expires_at__gt=now,
        last_seen_at__gt=now - idle_limit(user),
    )
    return sessions.order_by("-last_seen_at", "-pk")


def key_hash(session_key: str) -> str:
    pepper = settings.TOKEN_PEPPER.encode()
    named = f"session {session_key}".encode()
    return hmac.new(pepper, named, hashlib.sha256).hexdigest()
