"""Bearer tokens for provisioning clients: issue, recognise, revoke.

`scim_<32 random bytes>_<checksum>`: the prefix lets secret scanners find a leaked
token, the checksum lets us refuse a mistyped one without asking the database.
"""

from __future__ import annotations

import hmac
import re
import secrets
import uuid
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, ActorKind, Target, record
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization
from chatwork_admin.statements import columns, fetch, instance, joined
from chatwork_admin.synchronization.health import CONTACT_PRECISION
from chatwork_admin.synchronization.models import UserSynchronization

FORM = re.compile(r"scim_([A-Za-z0-9_-]{43})_([0-9a-f]{8})")
LAST_USE_PRECISION = timedelta(minutes=1)

State = UserSynchronization.State


class InvalidToken(Exception):
    """Access token is missing, expired or revoked. Select Authorize again in Entra ID."""


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
    secret = secrets.token_urlsafe(32)
    token = f"scim_{secret}_{_checksum(secret)}"
    row = AccessToken.objects.create(
        organization=organization,
        name=name,
        digest=str(digest_of(token)),
        last_characters=secret[-4:],
        issued_by=actor.label,
        expires_at=expires_at,
    )
    _record(Action.TOKEN_ISSUED, row, actor)
    return row, token


@transaction.atomic
def revoke(organization: Organization, token_id: uuid.UUID, *, actor: Actor) -> None:
    """End a token now. Raises NoSuchToken; revoking twice records once."""
    rows = organization.access_tokens.select_for_update()
    row = rows.filter(pk=token_id).first()
    if row is None:
        raise NoSuchToken(NoSuchToken.__doc__)
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by = timezone.now(), actor.label
    row.save(update_fields=["revoked_at", "revoked_by"])
    _record(Action.TOKEN_REVOKED, row, actor)


def admit(token: str, *, reference: str, address: str) -> ProvisioningClient:
    """Let a provisioning client in: one query; once a minute two, and "last used".

    Raises InvalidToken (401), NotInPlan, NotEnabled (403), Paused (503).
    """
    digest = digest_of(token)
    if digest is None:
        raise InvalidToken(InvalidToken.__doc__)
    if known := fetch(_recognising(), [digest]):
        token_id, name, *values = known
        actor = actor_of(token_id, name, reference, address)
        return ProvisioningClient(instance(Organization, iter(values)), None, actor)
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
    _note_use(row)
    actor = actor_of(row.pk, row.name, reference, address)
    return ProvisioningClient(organization, synchronization, actor)


def digest_of(token: str) -> str | None:
    """Return by what a token is found; None of what cannot be one."""
    form = FORM.fullmatch(token)
    if form is None or _checksum(form[1]) != form[2]:
        return None
    pepper = settings.TOKEN_PEPPER.encode()
    return hmac.digest(pepper, token.encode(), "sha256").hex()


# Whom `admit` lets in without a word and without a write, by the digest of his token.
# Who is not found so may still be let in; a test holds it to what `admit` decides.
WELL_KNOWN = f"""
    SELECT t.id AS token_id, t.name AS token_name, o.id AS organization_id, o.licences
    FROM authorization_accesstoken t
    JOIN organizations_organization o ON o.id = t.organization_id
    JOIN synchronization_usersynchronization s ON s.organization_id = o.id
    WHERE t.digest = %s AND t.revoked_at IS NULL
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
        SELECT caller.token_id, caller.token_name, {columns(Organization, "o")}
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


def _find(digest: str) -> tuple[AccessToken, Organization, UserSynchronization | None]:
    found = fetch(_finding(), [digest])
    if found is None:
        raise InvalidToken(InvalidToken.__doc__)
    values = iter(found)
    row, organization = instance(AccessToken, values), instance(Organization, values)
    return row, organization, joined(UserSynchronization, values)


def _require_alive(
    row: AccessToken, synchronization: UserSynchronization | None
) -> None:
    disabled_at = None
    if synchronization is not None and synchronization.state != State.OFF:
        disabled_at = synchronization.disabled_at
    ended_at = row.ended_at(disabled_at)
    if ended_at is not None and ended_at <= timezone.now():
        raise InvalidToken(InvalidToken.__doc__)


def _note_use(row: AccessToken) -> None:
    now = timezone.now()
    if row.last_used_at is None or now - row.last_used_at >= LAST_USE_PRECISION:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_PRECISION)
        AccessToken.objects.filter(stale, pk=row.pk).update(last_used_at=now)


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"


def actor_of(token_id: uuid.UUID, name: str, reference: str, address: str) -> Actor:
    """Return who calls with a token."""
    kind = ActorKind.PROVISIONING_CLIENT
    return Actor(kind, str(token_id), name, reference, address)


def _record(action: Action, row: AccessToken, actor: Actor) -> None:
    record(
        action,
        organization_id=row.organization_id,
        actor=actor,
        target=Target("token", str(row.pk), row.name),
    )
