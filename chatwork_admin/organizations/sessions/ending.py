"""End sessions of people's browsers: one, all of a person, or those of who lost access."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import logout
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.database.statements import execute
from chatwork_admin.organizations.events import record_of
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import traces
from chatwork_admin.organizations.sessions.lookup import find

KEPT = timedelta(days=30)  # how long one may look back at what has ended
CUTTING_OFF = """
    UPDATE organizations_usersession SET ended_at = %s, ended_why = %s
    WHERE organization_id = %s AND user_id = %s AND ended_at IS NULL
"""


@transaction.atomic
def sign_out(request: HttpRequest, *, actor: Actor) -> None:
    """End the session of this browser; other tabs may still send a form."""
    session = find(request.session.session_key)
    logout(request)
    if session is not None:
        end_session(session, why=Why.SIGNED_OUT, actor=actor)
        traces.remember(request.session, session)


@transaction.atomic
def end_session(session: UserSession, *, why: Why, actor: Actor) -> None:
    """End one session; its next request is a stranger's."""
    still_open = UserSession.objects.filter(
        organization=session.organization_id, pk=session.pk, ended_at=None
    )
    if still_open.update(ended_at=timezone.now(), ended_why=why):
        record_of(session.user, Action.SESSION_ENDED, actor, why=why.value)


@transaction.atomic
def end_sessions_of(
    user: User, *, why: Why, actor: Actor, but: UserSession | None = None
) -> int:
    """End a person's sessions, all or all but one; return how many were open.

    All: sign-ins under way end too, and so would a session without a row.
    """
    if but is None:
        people = User.objects.filter(organization=user.organization_id, pk=user.pk)
        people.update(session_epoch=F("session_epoch") + 1)
    now = timezone.now()
    ended = UserSession.objects.filter(
        organization=user.organization_id, user=user, ended_at=None, expires_at__gt=now
    )
    if but is not None:
        ended = ended.exclude(pk=but.pk)
    count = ended.update(ended_at=now, ended_why=why)
    if count:
        record_of(user, Action.SESSION_ENDED, actor, why=why.value, sessions=count)
    return count


def cut_off(user: User, why: Why) -> None:
    """End a person's sessions within the change that takes their access away.

    That change raises `session_epoch`, and its event tells the story.
    """
    execute(CUTTING_OFF, [timezone.now(), why, user.organization_id, user.pk])


def forget_ended() -> int:
    """Delete what ended or expired long ago; return how much."""
    long_ago = timezone.now() - KEPT
    count, _ = UserSession.objects.filter(expires_at__lt=long_ago).delete()
    return count
