"""Sessions that have reached a limit: no browser gets in, and the log says it once.

It is noticed by the browser's next request or, if there is none, within the hour.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM, Actor
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.sessions.ending import end_session

MOST_AT_ONCE = 10_000


def note_limit(session: UserSession, *, actor: Actor = SYSTEM) -> bool:
    """End and record a session that has reached a limit; say whether it has."""
    why = session.limit_reached_at(timezone.now())
    if why is not None:
        end_session(session, why=why, actor=actor)
    return why is not None


def note_limits() -> int:
    """End and record every session that has reached a limit; return how many."""
    reached = UserSession.objects.filter(_reached(), ended_at=None)
    found = reached.select_related("user").order_by("expires_at")[:MOST_AT_ONCE]
    return sum(note_limit(session) for session in found)


def _reached() -> Q:
    now = timezone.now()
    a_while = timedelta(minutes=settings.ADMINISTRATOR_IDLE_MINUTES)
    long = timedelta(minutes=settings.MEMBER_IDLE_MINUTES)
    is_member = Q(user__role=User.Role.MEMBER)
    return (
        Q(expires_at__lte=now)
        | (is_member & Q(last_seen_at__lte=now - long))
        | (~is_member & Q(last_seen_at__lte=now - a_while))
    )
