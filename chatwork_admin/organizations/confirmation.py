"""Note that somebody who has signed in has proven once more who they are."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import UserSession
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.organizations.saml_sessions import add_index


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
    user = session.user
    record(
        Action.IDENTITY_CONFIRMED,
        organization_id=user.organization_id,
        actor=actor,
        target=Target("user", str(user.pk), user.user_name),
        context={"began": by.value},
    )
