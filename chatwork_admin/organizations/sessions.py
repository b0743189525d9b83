"""Start and end the sessions of people's browsers.

Django's session store keeps what a browser is remembered by; a `UserSession` says whose
it is and how it began, can be seen by others, and be ended by them.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.client_addresses import client_address
from chatwork_admin.database.statements import execute
from chatwork_admin.organizations import ended_sessions, kept_forms
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.sessions import (
    ADDRESS_LENGTH,
    USER_AGENT_LENGTH,
    Began,
    Why,
    idle_limit,
)

# What Django's session says of who made it. It is no backend of Django's, so that
# nothing but `organizations.recognition` takes such a session for somebody's.
BACKEND = "chatwork_admin.organizations.sessions"
SEEN_PRECISION = timedelta(minutes=1)
REMEMBERED = timedelta(days=1)  # by the browser, so that we can say why it ended
KEPT = timedelta(days=30)  # how long one may look back at what has ended


class CannotSignIn(Exception):
    """Suspended or deleted, or signed out everywhere, since they proved who they are."""


@dataclass(frozen=True, slots=True)
class SamlSession:
    """What an assertion said of the session at the identity provider.

    `authenticated_at` is its AuthnInstant, `ends_at` its SessionNotOnOrAfter.
    """

    issuer: str
    name_id: str
    session_index: str
    authenticated_at: datetime | None
    ends_at: datetime | None = None


@transaction.atomic
def start_session(
    request: HttpRequest,
    user: User,
    *,
    began: Began,
    saml: SamlSession | None = None,
    actor: Actor,
) -> UserSession:
    """Sign a person in, under a new session key, and record it.

    `user` is as they were when they proved who they are; `saml` comes with a session
    that an assertion began. Of what the browser had in its session before, only their form that waits is kept.
    Raises CannotSignIn.
    """
    person = _unchanged(user)
    if session := find(request.session.session_key):
        end_session(session, why=Why.REPLACED, actor=actor)
    waiting = kept_forms.take_along(request.session, person)
    request.session.flush()
    login(request, person, backend=BACKEND)
    request.session.update(waiting)
    request.session.set_expiry(timedelta(hours=settings.SESSION_HOURS) + REMEMBERED)
    session = _new_session(request, person, began, saml)
    session.save(force_insert=True)
    _record(Action.SIGN_IN_SUCCEEDED, person, actor, {"began": began.value})
    return session


def find(session_key: str | None) -> UserSession | None:
    """Return the session that has not been ended, with its user and organization."""
    session = find_even_ended(session_key)
    return None if session is None or session.ended_at else session


def find_even_ended(session_key: str | None) -> UserSession | None:
    """Return the session, ended or not, with its user and organization."""
    if session_key is None:
        return None
    sessions = UserSession.objects.filter(key_hash=key_hash(session_key))
    return sessions.select_related("user__organization").first()


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


def touch(session: UserSession) -> None:
    """Note that the person is here, at most once a minute."""
    now = timezone.now()
    if now - session.last_seen_at < SEEN_PRECISION:
        return
    session.last_seen_at = now
    session.save(update_fields=["last_seen_at"])


@transaction.atomic
def sign_out(request: HttpRequest, *, actor: Actor) -> None:
    """End the session of this browser; other tabs may still send a form."""
    session = find(request.session.session_key)
    logout(request)
    if session is not None:
        end_session(session, why=Why.SIGNED_OUT, actor=actor)
        ended_sessions.remember(request.session, session)


@transaction.atomic
def end_session(session: UserSession, *, why: Why, actor: Actor) -> None:
    """End one session; its next request is a stranger's."""
    still_open = UserSession.objects.filter(
        organization=session.organization_id, pk=session.pk, ended_at=None
    )
    if still_open.update(ended_at=timezone.now(), ended_why=why):
        _record(Action.SESSION_ENDED, session.user, actor, {"why": why.value})


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
        _record(
            Action.SESSION_ENDED, user, actor, {"why": why.value, "sessions": count}
        )
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


def key_hash(session_key: str) -> str:
    pepper = settings.TOKEN_PEPPER.encode()
    named = f"session {session_key}".encode()
    return hmac.new(pepper, named, hashlib.sha256).hexdigest()


CUTTING_OFF = """
    UPDATE organizations_usersession SET ended_at = %s, ended_why = %s
    WHERE organization_id = %s AND user_id = %s AND ended_at IS NULL
"""


def _unchanged(user: User) -> User:
    """Lock the person's row; raise CannotSignIn unless they are as they were."""
    people = User.objects.present().filter(organization=user.organization_id)
    locked = people.select_related("organization").select_for_update(
        no_key=True, of=("self",)
    )
    person = locked.filter(
        pk=user.pk, is_active=True, session_epoch=user.session_epoch
    ).first()
    if person is None:
        raise CannotSignIn(CannotSignIn.__doc__)
    return person


def _new_session(
    request: HttpRequest, user: User, began: Began, saml: SamlSession | None
) -> UserSession:
    now = timezone.now()
    session = UserSession(
        organization=user.organization,
        user=user,
        key_hash=key_hash(str(request.session.session_key)),
        began=began,
        started_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=settings.SESSION_HOURS),
        authenticated_at=now if _proves_enough(began) else None,
        address=client_address(request)[:ADDRESS_LENGTH],
        user_agent=request.headers.get("User-Agent", "")[:USER_AGENT_LENGTH],
    )
    if saml is not None:
        session.saml_issuer = saml.issuer
        session.saml_name_id = saml.name_id
        session.saml_session_index = saml.session_index
        session.authenticated_at = saml.authenticated_at
        session.expires_at = min(session.expires_at, saml.ends_at or session.expires_at)
    return session


def _proves_enough(began: Began) -> bool:
    """Say whether a sign-in counts as a proof of who somebody is, at once."""
    return began != Began.PASSWORD or not settings.REQUIRE_SECOND_FACTOR


def _record(
    action: Action, user: User, actor: Actor, context: dict[str, object]
) -> None:
    record(
        action,
        organization_id=user.organization_id,
        actor=actor,
        target=Target("user", str(user.pk), user.user_name),
        context=context,
    )
