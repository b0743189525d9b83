"""Bearer tokens for provisioning clients: issue, recognise, revoke, forget."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, ActorKind, Target, record
from chatwork_admin.authorization import credentials, remedies
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.models import BY_HAND, AccessToken, OAuthClient
from chatwork_admin.database.statements import columns, fetch, instance, joined
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization.health import CONTACT_PRECISION
from chatwork_admin.synchronization.models import UserSynchronization

LAST_USE_PRECISION = timedelta(minutes=1)
KEPT = timedelta(days=1)

State = UserSynchronization.State


class InvalidToken(Exception):
    """Access token is missing, expired or revoked."""


class NotEnabled(Exception):
    """User synchronization is not enabled for this organization."""


class NotInPlan(Exception):
    """The contract does not include user synchronization. Renew it in Chatwork."""


class Paused(Exception):
    """Provisioning clients are asked to come back later."""


class NoSuchToken(Exception):
    """The organization has no such token."""


@dataclass(frozen=True, slots=True)
class ProvisioningClient:
    """Who calls: on whose behalf, with which token, as which actor.

    `synchronization` is None for who was here a moment ago: there is nothing to note.
    """

    organization: Organization
    synchronization: UserSynchronization | None
    actor: Actor


@transaction.atomic
def issue(
    organization: Organization,
    *,
    name: str,
    expires_at: datetime | None,
    actor: Actor,
) -> tuple[AccessToken, str]:
    """Return the stored row and, this once, the token itself."""
    token = credentials.new(Prefix.ACCESS_TOKEN)
    row = AccessToken(organization=organization, name=name, expires_at=expires_at)
    store(row, token, actor=actor)
    return row, token


@transaction.atomic
def store(row: AccessToken, token: str, *, actor: Actor) -> None:
    """Keep a new token, whatever it was issued for."""
    row.issued_by = actor.label
    row.keep(token, Prefix.ACCESS_TOKEN)
    _record(Action.TOKEN_ISSUED, row, actor)


@transaction.atomic
def revoke(organization: Organization, token_id: uuid.UUID, *, actor: Actor) -> None:
    """End a token now. Raises administrator_right.NotAllowed, NoSuchToken.

    Revoking twice records once.
    """
    administrator_right.hold(organization, actor)
    rows = organization.access_tokens.select_for_update()
    row = rows.filter(pk=token_id).first()
    if row is None:
        raise NoSuchToken(NoSuchToken.__doc__)
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by = timezone.now(), actor.label
    row.save(update_fields=["revoked_at", "revoked_by"])
    _record(Action.TOKEN_REVOKED, row, actor)


def give_back(token: str, client: OAuthClient | None, *, actor: Actor) -> None:
    """End a token that this client was given, None being the gallery's.

    What is not its own is none.
    """
    fetched = AccessToken.objects.exclude(BY_HAND).select_related("organization")
    row = fetched.filter(digest=digest_of(token) or "", client=client).first()
    if row is not None:
        revoke(row.organization, row.pk, actor=actor)


def admit(token: str, *, reference: str, address: str) -> ProvisioningClient:
    """Let a provisioning client in: one query; once a minute two, and "last used".

    Raises InvalidToken (401), NotInPlan, NotEnabled (403), Paused (503).
    """
    digest = digest_of(token)
    if digest and (known := fetch(_recognising(), {"digest": digest})):
        caller_id, name, *values = known
        actor = actor_of(caller_id, name, reference, address)
        return ProvisioningClient(instance(Organization, iter(values)), None, actor)
    row, organization, synchronization = _good(digest)
    _note_use(row)
    actor = actor_of(
        row.client_id or row.grant_id or row.pk, row.name, reference, address
    )
    return ProvisioningClient(organization, synchronization, actor)


def look_at(token: str) -> AccessToken:
    """Return what `admit` would let in now, and note no use. Raises as `admit` does."""
    return _good(digest_of(token))[0]


def digest_of(token: str) -> str | None:
    """Return by what a token is found; None of what cannot be one."""
    return credentials.digest_of(token, Prefix.ACCESS_TOKEN)


def forget_expired() -> int:
    """Delete what clients were given and is over since yesterday; return how many."""
    before = timezone.now() - KEPT
    expired = AccessToken.objects.exclude(BY_HAND).filter(expires_at__lt=before)
    return expired.delete()[0]


# Whom `admit` lets in without a word and without a write, by the `digest` of his token.
# Who is not found so may still be let in; a test holds it to what `admit` decides.
WELL_KNOWN = f"""
    SELECT COALESCE(t.client_id, t.grant_id, t.id) AS caller_id, t.name AS caller_name,
        o.id AS organization_id, o.licences
    FROM authorization_accesstoken t
    JOIN organizations_organization o ON o.id = t.organization_id
    JOIN synchronization_usersynchronization s ON s.organization_id = o.id
    WHERE t.digest = %(digest)s AND t.revoked_at IS NULL
        AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
        AND (s.disabled_at IS NULL OR s.disabled_at <= t.issued_at)
        AND s.state = '{State.ON}'
        AND o.plan IN ('{Organization.Plan.ENTERPRISE}', '{Organization.Plan.KDDI}')
        AND t.last_used_at
            > statement_timestamp() - interval '{LAST_USE_PRECISION.seconds} seconds'
        AND s.last_contact_at
            > statement_timestamp() - interval '{CONTACT_PRECISION.seconds} seconds'
"""  # noqa: S608 - constants


@cache
def _recognising() -> str:
    return f"""
        SELECT caller.caller_id, caller.caller_name, {columns(Organization, "o")}
        FROM ({WELL_KNOWN}) AS caller
        JOIN organizations_organization o ON o.id = caller.organization_id
    """  # noqa: S608 - names of our models


@cache
def _finding() -> str:
    """One statement finds the credential, the organization and its gate."""
    selected = columns(AccessToken, "t"), columns(Organization, "o")
    return f"""
        SELECT {", ".join(selected)}, {columns(UserSynchronization, "s")}
        FROM authorization_accesstoken t
        JOIN organizations_organization o ON o.id = t.organization_id
        LEFT JOIN synchronization_usersynchronization s ON s.organization_id = o.id
        WHERE t.digest = %s
    """  # noqa: S608 - names of our models


def _good(digest: str | None) -> tuple[AccessToken, Organization, UserSynchronization]:
    row, organization, synchronization = _find(digest)
    _require_alive(row, synchronization)
    if not organization.plan_includes_synchronization:
        raise NotInPlan(NotInPlan.__doc__)
    if synchronization is None or synchronization.state == State.OFF:
        raise NotEnabled(
            f"{NotEnabled.__doc__} Enable it in Chatwork admin settings, under "
            "User Synchronization."
        )
    if synchronization.state == State.PAUSED:
        since = timezone.localtime(synchronization.paused_at)
        raise Paused(
            f"Paused in Chatwork since {since:%Y-%m-%d %H:%M} ({since:%Z}). "
            "Nothing is lost; Entra ID will retry."
        )
    return row, organization, synchronization


def _find(
    digest: str | None,
) -> tuple[AccessToken, Organization, UserSynchronization | None]:
    if digest is None or not (found := fetch(_finding(), [digest])):
        raise InvalidToken(f"{InvalidToken.__doc__} {remedies.OF_NOTHING_KNOWN}")
    values = iter(found)
    row, organization = instance(AccessToken, values), instance(Organization, values)
    return row, organization, joined(UserSynchronization, values)


def _require_alive(
    row: AccessToken, synchronization: UserSynchronization | None
) -> None:
    disabled_at = None
    if synchronization is not None and synchronization.state != State.OFF:
        disabled_at = synchronization.disabled_at
    if not row.is_alive(disabled_at):
        raise InvalidToken(f"{InvalidToken.__doc__} {remedies.of(row)}")


def _note_use(row: AccessToken) -> None:
    now = timezone.now()
    if row.last_used_at is None or now - row.last_used_at >= LAST_USE_PRECISION:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_PRECISION)
        AccessToken.objects.filter(stale, pk=row.pk).update(last_used_at=now)


def actor_of(caller_id: uuid.UUID, name: str, reference: str, address: str) -> Actor:
    """Return who calls with a token: its client, its grant, or the token itself."""
    kind = ActorKind.PROVISIONING_CLIENT
    return Actor(kind, str(caller_id), name, reference, address)


def _record(action: Action, row: AccessToken, actor: Actor) -> None:
    record(
        action,
        organization_id=row.organization_id,
        actor=actor,
        target=Target("token", str(row.pk), row.name),
    )
