"""Passwords of those who administer: what may be one, and how one is changed.

The rules are those of NIST SP 800-63B-4 §3.1.1: long, not common, not close to what the
account is called; nothing about kinds of characters, and no end by itself.
"""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.events import record_of
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import ending, lookup


@transaction.atomic
def change(
    request: HttpRequest,
    user: User,
    password: str,
    *,
    session: UserSession,
    actor: Actor,
) -> None:
    """Let only the new password count; all other sessions end.

    `session` is the browser's: the person has just proven there who they are. It goes
    on under a new key. Raises ValidationError for what may not be a password.
    """
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    record_of(user, Action.PASSWORD_CHANGED, actor)
    ending.end_sessions_of(user, why=Why.CREDENTIAL, actor=actor, but=session)
    update_session_auth_hash(request, user)
    session.key_hash = lookup.key_hash(str(request.session.session_key))
    session.save(update_fields=["key_hash"])
