"""Issue a token from the form."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.recording import Actor
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import BY_HAND, AccessToken
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization
from chatwork_admin.portal.connection import once
from chatwork_admin.synchronization import gate

MOST_LIVE_TOKENS = 10


class NameTaken(Exception):
    """A token that is still good has this name."""


class TooManyTokens(Exception):
    """The organization has as many live tokens as it may have."""


@transaction.atomic
def issue(
    organization: Organization,
    session: SessionBase,
    *,
    nonce: str,
    name: str,
    expires_at: datetime | None,
    actor: Actor,
) -> str:
    """Return a new token. Raises `once.IssuedAlready`, NameTaken, TooManyTokens."""
    administrator_right.hold(organization, actor)
    once.require_unused(session, nonce)
    names = [fold(token.name) for token in live_tokens(organization)]
    if fold(name) in names:
        raise NameTaken(NameTaken.__doc__)
    if len(names) >= MOST_LIVE_TOKENS:
        raise TooManyTokens(TooManyTokens.__doc__)
    _, token = tokens.issue(organization, name=name, expires_at=expires_at, actor=actor)
    once.remember(session, nonce)
    return token


def live_tokens(organization: Organization) -> list[AccessToken]:
    disabled_at = gate.synchronization_of(organization).disabled_at
    issued = organization.access_tokens.filter(BY_HAND, revoked_at=None)
    ends = [(token, token.ended_at(disabled_at)) for token in issued]
    now = timezone.now()
    return [token for token, end in ends if end is None or end > now]
