"""Start sessions of people's browsers.

Django's session store keeps what a browser is remembered by; a `UserSession` says whose
it is and how it began, can be seen by others, and be ended by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.events import record_of
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.sessions import (
    ADDRESS_LENGTH,
    USER_AGENT_LENGTH,
    Began,
    Why,
)
from chatwork_admin.organizations.sessions import kept_forms
from chatwork_admin.organizations.sessions.ending import end_session
from chatwork_admin.organizations.sessions.lookup import find, key_hash

# What Django's session says of who made it. It is no backend of Django's, so that
# nothing but `sessions.recognition` takes such a session for somebody's. Sessions that
# are open hold it: another value would sign everybody out.
BACKEND = "chatwork_admin.organizations.sessions"
REMEMBERED = timedelta(days=1)  # by the browser, so that we can say why it ended


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
    that an assertion began. Of what the browser had in its session before, only their
    form that waits is kept. Raises CannotSignIn.
    """
    person = _unchanged(user)
    if session := find(request.session.session_key):
        end_session(session, why=Why.REPLACED, actor=actor)
    _begin_anew(request, person)
    session = _new_session(request, person, began, saml)
    session.save(force_insert=True)
    record_of(person, Action.SIGN_IN_SUCCEEDED, actor, began=began.value)
    return session


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


def _begin_anew(request: HttpRequest, person: User) -> None:
    """Let the browser be this person's, under a new key."""
    waiting = kept_forms.take_along(request.session, person)
    request.session.flush()
    login(request, person, backend=BACKEND)
    request.session.update(waiting)
    request.session.set_expiry(timedelta(hours=settings.SESSION_HOURS) + REMEMBERED)


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
