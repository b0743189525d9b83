"""OAuth clients of an organization and their secrets: register, replace, end.

Each raises administrator_right.NotAllowed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.authorization import credentials
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.models import ClientSecret, OAuthClient
from chatwork_admin.authorization.redirect_addresses import CodeFlow
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization import gate

MOST_CLIENTS = 10
MOST_SECRETS = 5
LAST_USE = Greatest(
    Max("secrets__last_used_at"), Max("workload_identities__last_used_at")
)


class NoSuchClient(Exception):
    """The organization has no such client, or has removed it."""


class NoSuchSecret(Exception):
    """The organization has no such secret."""


class NameTaken(Exception):
    """Another client of the organization has this name."""


class TooManyClients(Exception):
    """The organization has as many clients as it may have."""


class TooManySecrets(Exception):
    """The client has as many good secrets as it may have."""


@transaction.atomic
def register(
    organization: Organization, *, name: str, token_minutes: int, actor: Actor
) -> OAuthClient:
    """Make a client, as yet without a secret. Raises NameTaken, TooManyClients."""
    administrator_right.hold(organization, actor)
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    names = [fold(each.name) for each in clients_of(organization)]
    if fold(name) in names:
        raise NameTaken(NameTaken.__doc__)
    if len(names) >= MOST_CLIENTS:
        raise TooManyClients(TooManyClients.__doc__)
    client = OAuthClient.objects.create(
        organization=organization,
        name=name,
        token_minutes=token_minutes,
        registered_by=actor.label,
    )
    _record(Action.CLIENT_REGISTERED, client, actor, token_minutes=token_minutes)
    return client


@transaction.atomic
def set_lifetime(
    organization: Organization,
    client_id: uuid.UUID,
    *,
    token_minutes: int,
    actor: Actor,
) -> None:
    """Say how long tokens last that are given from now on. Raises NoSuchClient.

    Those that were given live out the time that they were given for.
    """
    administrator_right.hold(organization, actor)
    client = hold(organization, client_id)
    before, client.token_minutes = client.token_minutes, token_minutes
    if before == token_minutes:
        return
    client.save(update_fields=["token_minutes"])
    change = {"attribute": "token_minutes", "before": before, "after": token_minutes}
    _record(Action.CLIENT_CHANGED, client, actor, changes=[change])


@transaction.atomic
def set_code_flow(
    organization: Organization, client_id: uuid.UUID, flow: CodeFlow, *, actor: Actor
) -> None:
    """Say where its codes may be brought from now on. Raises NoSuchClient.

    Codes on their way to an address that is gone are void. What was authorized before,
    and has been exchanged, goes on until it is revoked.
    """
    administrator_right.hold(organization, actor)
    client = hold(organization, client_id)
    wanted = {
        "redirect_uris": [*flow.redirect_uris],
        "may_omit_response_type": flow.may_omit_response_type,
    }
    changes = [
        {"attribute": name, "before": getattr(client, name), "after": value}
        for name, value in wanted.items()
        if getattr(client, name) != value
    ]
    if not changes:
        return
    OAuthClient.objects.filter(organization=organization, pk=client.pk).update(**wanted)
    _void_codes(organization, client, flow, actor)
    _record(Action.CLIENT_ADDRESSES_CHANGED, client, actor, changes=changes)


@transaction.atomic
def remove(organization: Organization, client_id: uuid.UUID, *, actor: Actor) -> None:
    """End a client, and whatever it was given. Raises NoSuchClient."""
    administrator_right.hold(organization, actor)
    client = hold(organization, client_id)
    now = timezone.now()
    client.removed_at = now
    client.save(update_fields=["removed_at"])
    over = {"revoked_at": now, "revoked_by": actor.label}
    client.secrets.filter(revoked_at=None).update(**over)
    client.access_tokens.filter(revoked_at=None).update(**over)
    organization.grants.filter(client=client, revoked_at=None).update(**over)
    _record(Action.CLIENT_REMOVED, client, actor)


@transaction.atomic
def add_secret(
    organization: Organization,
    client_id: uuid.UUID,
    *,
    note: str,
    expires_at: datetime,
    actor: Actor,
) -> str:
    """Return a new secret, this once. Raises NoSuchClient, TooManySecrets."""
    administrator_right.hold(organization, actor)
    client = hold(organization, client_id)
    if len(live_secrets(client)) >= MOST_SECRETS:
        raise TooManySecrets(TooManySecrets.__doc__)
    secret = credentials.new(Prefix.CLIENT_SECRET)
    row = ClientSecret(
        organization=organization, client=client, note=note, expires_at=expires_at
    )
    row.issued_by = actor.label
    row.keep(secret, Prefix.CLIENT_SECRET)
    _record(Action.SECRET_ADDED, client, actor, note=note, ends=row.last_characters)
    return secret


@transaction.atomic
def revoke_secret(
    organization: Organization,
    client_id: uuid.UUID,
    secret_id: uuid.UUID,
    *,
    actor: Actor,
) -> None:
    """End a secret, and the tokens it was good for. Revoking twice records once.

    Raises NoSuchClient, NoSuchSecret.
    """
    administrator_right.hold(organization, actor)
    client = hold(organization, client_id)
    row = client.secrets.filter(pk=secret_id).first()
    if row is None:
        raise NoSuchSecret(NoSuchSecret.__doc__)
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by = timezone.now(), actor.label
    row.save(update_fields=["revoked_at", "revoked_by"])
    over = {"revoked_at": row.revoked_at, "revoked_by": row.revoked_by}
    row.access_tokens.filter(revoked_at=None).update(**over)
    _record(
        Action.SECRET_REVOKED, client, actor, note=row.note, ends=row.last_characters
    )


def clients_of(organization: Organization) -> QuerySet[OAuthClient]:
    """Return the clients that have not been removed, in the order of registration."""
    return organization.oauth_clients.filter(removed_at=None).order_by("pk")


def hold(organization: Organization, client_id: uuid.UUID) -> OAuthClient:
    """Lock a client that has not been removed. Raises NoSuchClient."""
    client = clients_of(organization).select_for_update().filter(pk=client_id).first()
    if client is None:
        raise NoSuchClient(NoSuchClient.__doc__)
    return client


def live_secrets(client: OAuthClient) -> list[ClientSecret]:
    disabled_at = gate.synchronization_of(client.organization).disabled_at
    issued = client.secrets.filter(
        organization_id=client.organization_id, revoked_at=None
    )
    return [each for each in issued if each.is_alive(disabled_at)]


def _void_codes(
    organization: Organization, client: OAuthClient, flow: CodeFlow, actor: Actor
) -> None:
    """End codes that are on their way to an address that is gone."""
    on_their_way = organization.grants.filter(client=client, refresh_digest=None)
    on_their_way.exclude(redirect_uri__in=flow.redirect_uris).filter(
        revoked_at=None
    ).update(revoked_at=timezone.now(), revoked_by=actor.label)


def _record(
    action: Action,
    client: OAuthClient,
    actor: Actor,
    *,
    changes: Sequence[Mapping[str, object]] = (),
    **context: object,
) -> None:
    record(
        action,
        organization_id=client.organization_id,
        actor=actor,
        target=Target("client", str(client.pk), client.name),
        changes=changes,
        context=context,
    )
