"""Does a client know one of its secrets (RFC 6749 §2.3)?"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from django.utils import timezone

from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.authorization import (
    clients,
    credentials,
    registrations,
    wrong_secrets,
)
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.models import ClientSecret, OAuthClient
from chatwork_admin.authorization.registrations import Registration, is_gallery_secret
from chatwork_admin.synchronization import gate


class WrongCredentials(Exception):
    """No client has this id, or none of its secrets is this one, or it is over."""


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A client that has proven itself; `secret` is None for the gallery's."""

    client: Registration
    secret: ClientSecret | None
    actor: Actor


def authenticate(
    client_id: str, secret: str, *, reference: str, address: str
) -> Authenticated:
    """Return who knows this secret of this client.

    To be called in the transaction that acts on it: until its end nobody removes the
    client, revokes its secret, or disables synchronization. Who is wrong locks nothing,
    and so keeps nobody waiting. Raises WrongCredentials, wrong_secrets.TooMany.
    """
    client = registrations.find(client_id)
    if client is None:
        raise WrongCredentials(WrongCredentials.__doc__)
    kind = ActorKind.PROVISIONING_CLIENT
    actor = Actor(kind, client.client_id, client.name, reference, address)
    if not _is_known(client, secret):
        wrong_secrets.note(client, actor=actor)
        raise WrongCredentials(WrongCredentials.__doc__)
    if client.row is None:
        return Authenticated(client, None, actor)
    return Authenticated(*_hold(client.client_id, secret), actor)


def _is_known(client: Registration, secret: str) -> bool:
    if client.row is None:
        return is_gallery_secret(secret)
    return _matching(client.row, secret) is not None


def _hold(client_id: str, secret: str) -> tuple[Registration, ClientSecret]:
    """Lock the client and what it depends on, and look whether all is as it was."""
    client = registrations.find(client_id, is_locked=True)
    if client is None or client.row is None:
        raise WrongCredentials(WrongCredentials.__doc__)
    gate.hold(client.row.organization)
    row = _matching(client.row, secret)
    if row is None:
        raise WrongCredentials(WrongCredentials.__doc__)
    row.last_used_at = timezone.now()
    row.save(update_fields=["last_used_at"])
    return client, row


def _matching(client: OAuthClient, secret: str) -> ClientSecret | None:
    """Compare with every one in constant time."""
    said = credentials.digest_of(secret, Prefix.CLIENT_SECRET) or ""
    live = clients.live_secrets(client)
    matching = [row for row in live if hmac.compare_digest(row.digest, said)]
    return matching[0] if matching else None
