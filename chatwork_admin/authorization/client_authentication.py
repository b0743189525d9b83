"""Does a client know one of its secrets (RFC 6749 §2.3)?"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, ActorKind
from chatwork_admin.authorization import clients, credentials, refusals, registrations
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.models import (
    ClientSecret,
    OAuthClient,
    WorkloadIdentity,
)
from chatwork_admin.authorization.registrations import Registration, is_gallery_secret
from chatwork_admin.synchronization import gate


class WrongCredentials(Exception):
    """No client has this id, or this does not prove it, or it is over."""


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A client that has proven itself, by which of its own; the gallery's by neither."""

    client: Registration
    actor: Actor
    secret: ClientSecret | None = None
    identity: WorkloadIdentity | None = None


def authenticate(
    client_id: str, secret: str, *, reference: str, address: str
) -> Authenticated:
    """Return who knows this secret of this client.

    To be called in the transaction that acts on it: until its end nobody removes the
    client, revokes its secret, or disables synchronization. Who is wrong locks nothing,
    and so keeps nobody waiting. Raises WrongCredentials.
    """
    client, actor = named(client_id, reference=reference, address=address)
    if not _is_known(client, secret):
        refusals.note(client, Action.CLIENT_REFUSED, actor=actor)
        raise WrongCredentials(WrongCredentials.__doc__)
    if client.row is None:
        return Authenticated(client, actor)
    client, row = hold(client.client_id)
    return Authenticated(client, actor, secret=_use(row, secret))


def named(
    client_id: str, *, reference: str, address: str
) -> tuple[Registration, Actor]:
    """Return whose id this is, and as whom it acts. Raises WrongCredentials."""
    client = registrations.find(client_id)
    if client is None:
        raise WrongCredentials(WrongCredentials.__doc__)
    kind = ActorKind.PROVISIONING_CLIENT
    return client, Actor(kind, client.client_id, client.name, reference, address)


def hold(client_id: str) -> tuple[Registration, OAuthClient]:
    """Lock a client of an organization, and what it depends on, as they are now.

    Raises WrongCredentials.
    """
    client = registrations.find(client_id, is_locked=True)
    if client is None or client.row is None:
        raise WrongCredentials(WrongCredentials.__doc__)
    gate.hold(client.row.organization)
    return client, client.row


def _is_known(client: Registration, secret: str) -> bool:
    if client.row is None:
        return is_gallery_secret(secret)
    return _matching(client.row, secret) is not None


def _use(client: OAuthClient, secret: str) -> ClientSecret:
    row = _matching(client, secret)
    if row is None:  # it has ended meanwhile
        raise WrongCredentials(WrongCredentials.__doc__)
    row.last_used_at = timezone.now()
    row.save(update_fields=["last_used_at"])
    return row


def _matching(client: OAuthClient, secret: str) -> ClientSecret | None:
    """Compare with every one in constant time."""
    said = credentials.digest_of(secret, Prefix.CLIENT_SECRET) or ""
    live = clients.live_secrets(client)
    matching = [row for row in live if hmac.compare_digest(row.digest, said)]
    return matching[0] if matching else None
