"""Does a client know one of its secrets (RFC 6749 §2.3)?

A secret is 256 random bits, and the right one is always taken: nobody is locked out by
the wrong ones of others. What is limited is what wrong ones cost us. Ten within an hour
are recorded; then the answer is to slow down, and nothing is written.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, ActorKind, Target, record
from chatwork_admin.authorization import clients, credentials, registrations
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.models import ClientSecret, OAuthClient
from chatwork_admin.authorization.registrations import Registration, is_gallery_secret
from chatwork_admin.synchronization import gate

MOST_FAILURES = 10
PERIOD = timedelta(hours=1)


class WrongCredentials(Exception):
    """No client has this id, or none of its secrets is this one, or it is over."""


class TooManyFailures(Exception):
    """This client has failed too often; `seconds` later it may fail again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(self.__doc__)
        self.seconds = seconds


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
    client, revokes its secret, or disables synchronization. Raises WrongCredentials,
    TooManyFailures.
    """
    client = registrations.find(client_id, is_locked=True)
    if client is None:
        raise WrongCredentials(WrongCredentials.__doc__)
    kind = ActorKind.PROVISIONING_CLIENT
    actor = Actor(kind, client.client_id, client.name, reference, address)
    row = _proof(client.row, secret, actor) if client.row else None
    if row is None and not (client.row is None and is_gallery_secret(secret)):
        raise WrongCredentials(WrongCredentials.__doc__)
    return Authenticated(client, row, actor)


def _proof(client: OAuthClient, secret: str, actor: Actor) -> ClientSecret | None:
    gate.hold(client.organization)
    row = _matching(secret, clients.live_secrets(client))
    if row is None:
        _note_failure(client, actor)
        return None
    row.last_used_at = timezone.now()
    row.save(update_fields=["last_used_at"])
    return row


def _matching(secret: str, live: Iterable[ClientSecret]) -> ClientSecret | None:
    """Compare with every one in constant time."""
    said = credentials.digest_of(secret, Prefix.CLIENT_SECRET) or ""
    matching = [row for row in live if hmac.compare_digest(row.digest, said)]
    return matching[0] if matching else None


def _note_failure(client: OAuthClient, actor: Actor) -> None:
    now = timezone.now()
    if client.failing_since is None or client.failing_since <= now - PERIOD:
        client.failing_since, client.failures = now, 0
    if client.failures >= MOST_FAILURES:
        left = client.failing_since + PERIOD - now
        raise TooManyFailures(max(1, round(left.total_seconds())))
    client.failures += 1
    client.save(update_fields=["failing_since", "failures"])
    record(
        Action.CLIENT_REFUSED,
        organization_id=client.organization_id,
        actor=actor,
        target=Target("client", client.client_id, client.name),
    )
