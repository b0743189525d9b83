"""What services of this installation are told of an access token (RFC 7662).

Whoever provisions needs none of it, and is told nothing: SCIM asks the database.
"""

from __future__ import annotations

import hmac
from typing import Any

from django.conf import settings
from django.db import transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.authorization import refusals, tokens
from chatwork_admin.authorization.registrations import Registration

CALLER = Registration("introspection", "Token introspection", 0, None)
INACTIVE = {"active": False}
REFUSED = tokens.InvalidToken, tokens.NotInPlan, tokens.NotEnabled, tokens.Paused


class NotOurs(Exception):
    """Whoever asks is no service of this installation."""


def is_offered() -> bool:
    return bool(settings.OAUTH_INTROSPECTION_SECRETS)


def require_ours(header: str, *, reference: str, address: str) -> None:
    """Let in who knows the installation's secret. Raises NotOurs.

    `header`: the value of Authorization (§2.1, a bearer token).
    """
    said = header.encode()
    known = [f"Bearer {each}".encode() for each in settings.OAUTH_INTROSPECTION_SECRETS]
    if any(hmac.compare_digest(each, said) for each in known):
        return
    kind = ActorKind.PROVISIONING_CLIENT
    actor = Actor(kind, CALLER.client_id, CALLER.name, reference, address)
    with transaction.atomic():  # what is raised must not undo it
        refusals.note(CALLER, Action.CLIENT_REFUSED, actor=actor)
    raise NotOurs(NotOurs.__doc__)


def introspect(token: str) -> dict[str, Any]:
    """Return what is known of a token that SCIM would take at this moment (§2.2).

    Of every other, nothing but that it is not active. Looking is no use of it.
    """
    try:
        row = tokens.look_at(token)
    except REFUSED:
        return INACTIVE
    said = {
        "active": True,
        "scope": "scim",
        "token_type": "Bearer",
        "iss": settings.BASE_URL,
        "sub": str(row.organization_id),
        "iat": int(row.issued_at.timestamp()),
    }
    if row.client_id is not None:
        said["client_id"] = str(row.client_id)
    if row.expires_at is not None:
        said["exp"] = int(row.expires_at.timestamp())
    return said
