"""End sessions by what an identity provider knows of them, not by the browser."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.events import record_of
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.models.sessions import Began, Why

LONGEST_INDEX, DIGEST = 255, "sha256:"
MOST_INDEXES = 100  # nobody proves it so often in the hours of a session


@transaction.atomic
def end_by_name(
    organization: Organization,
    name_id: str,
    session_indexes: Collection[str],
    *,
    actor: Actor,
) -> int:
    """End the sessions that began with this NameID; return how many were open.

    `session_indexes` narrows it to those sessions at the identity provider, and to ours
    of which no index is known.
    """
    named = Q(organization=organization, saml_name_id=name_id)
    if session_indexes:
        known = [kept(index) for index in session_indexes]
        later = Q(saml_later_indexes__overlap=known)
        named &= later | Q(saml_session_index__in=[*known, ""])
    return _end(named, Why.IDENTITY_PROVIDER, actor)


def kept(index: str) -> str:
    """Return what is kept of a SessionIndex: of a long one its digest."""
    if len(index) <= LONGEST_INDEX:
        return index
    return DIGEST + hashlib.sha256(index.encode()).hexdigest()


def told(session: UserSession) -> str:
    """Return the index that the identity provider knows; nothing if a digest is left."""
    index = session.saml_session_index
    return "" if index.startswith(DIGEST) else index


def add_index(session: UserSession, index: str) -> None:
    """Note what the identity provider calls its part of a session, from now on too."""
    if index:
        known = [*session.saml_later_indexes, index]
        session.saml_later_indexes = known[-MOST_INDEXES:]
        session.save(update_fields=["saml_later_indexes"])


@transaction.atomic
def end_all(organization: Organization, *, but_of: User, actor: Actor) -> int:
    """End every session that began by SAML, but for those of one person."""
    begun = Q(organization=organization, began=Began.SAML) & ~Q(user=but_of)
    return _end(begun, Why.SAML_OFF, actor)


def _end(which: Q, why: Why, actor: Actor) -> int:
    now = timezone.now()
    found = UserSession.objects.filter(which, ended_at=None, expires_at__gt=now)
    rows = list(found.select_related("user").select_for_update(of=("self",)))
    ended = UserSession.objects.filter(pk__in=[row.pk for row in rows])
    ended.update(ended_at=now, ended_why=why)
    for user, count in Counter(row.user for row in rows).items():
        record_of(user, Action.SESSION_ENDED, actor, why=why.value, sessions=count)
    return len(rows)
