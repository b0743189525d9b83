"""Note that somebody who has signed in has proven once more who they are."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.events import record_of
from chatwork_admin.organizations.models import UserSession
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.sessions.by_saml import add_index


@transaction.atomic
def confirm_identity(
    session: UserSession,
    *,
    by: Began,
    at: datetime | None = None,
    saml_session_index: str = "",
    actor: Actor,
) -> None:
    """Note the proof in the session, `at` or now, and record it.

    `saml_session_index`: what the identity provider calls its part of it from now on; it
    may end the session by that name, too.
    """
    session.authenticated_at = at or timezone.now()
    session.save(update_fields=["authenticated_at"])
    add_index(session, saml_session_index)
    record_of(session.user, Action.IDENTITY_CONFIRMED, actor, began=by.value)
