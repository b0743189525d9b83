"""What administrators let clients do: authorize, deny, exchange, refresh, revoke."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.authorization import credentials, registrations
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.authorization.models import Grant
from chatwork_admin.authorization.registrations import Registration
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate

KEPT = timedelta(days=1)


class NotAllowed(Exception):
    """Only the organization administrator lets clients in."""


class NotEnabled(Exception):
    """User synchronization is off: there is nothing to let anybody into."""


class NoLongerThere(Exception):
    """The client, or the address that the code would go to, has been removed meanwhile."""


class NoSuchGrant(Exception):
    """The organization has given no such grant."""


class Worthless(Exception):
    """The code or refresh token is unknown, somebody else's, used, or over."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that may be answered (RFC 6749 §4.1.1)."""

    client: Registration
    redirect_uri: str
    state: str | None
    code_challenge: str


@transaction.atomic
def authorize(
    organization: Organization, asked: Asked, *, administrator: User, actor: Actor
) -> str:
    """Return a code for the client. Raises NoLongerThere, NotAllowed, NotEnabled."""
    _hold_client(asked)
    if gate.hold(organization).state == gate.State.OFF:
        raise NotEnabled(NotEnabled.__doc__)
    # Whoever transfers the right meanwhile waits, and sees this grant.
    people = organization.users.select_for_update(no_key=True)
    administrator = people.get(pk=administrator.pk)
    if not administrator.is_administrator:
        raise NotAllowed(NotAllowed.__doc__)
    code = credentials.new(Prefix.AUTHORIZATION_CODE)
    grant = Grant.objects.create(
        organization=organization,
        client=asked.client.row,
        client_name=asked.client.name,
        authorized_by=administrator,
        issued_by=actor.label,
        code_digest=str(credentials.digest_of(code, Prefix.AUTHORIZATION_CODE)),
        code_challenge=asked.code_challenge,
        redirect_uri=asked.redirect_uri,
    )
    _record(Action.GRANT_AUTHORIZED, grant, actor)
    return code


@transaction.atomic
def deny(organization: Organization, asked: Asked, *, actor: Actor) -> None:
    """Write down that the administrator has let nobody in."""
    record(
        Action.GRANT_DENIED,
        organization_id=organization.pk,
        actor=actor,
        target=Target("client", asked.client.client_id, asked.client.name),
    )


def of_code(code: str, client: Registration, *, actor: Actor) -> Grant:
    """Return the grant whose code this is, locked. Raises Worthless.

    A code that comes a second time has been seen by somebody else: what it gave is
    revoked (RFC 6749 §4.1.2).
    """
    digest = credentials.digest_of(code, Prefix.AUTHORIZATION_CODE)
    grant = _found(client, code_digest=digest or "")
    if grant.is_used:
        _end(grant, actor, Action.CODE_REUSED)
    return _alive(grant)


def of_refresh_token(token: str, client: Registration) -> Grant:
    """Return the grant whose refresh token this is, locked. Raises Worthless."""
    digest = credentials.digest_of(token, Prefix.REFRESH_TOKEN)
    return _alive(_found(client, refresh_digest=digest or ""))


def use(grant: Grant, refresh_token: str) -> None:
    """Note that the client has been given a token, and how it gets the next."""
    digest = credentials.digest_of(refresh_token, Prefix.REFRESH_TOKEN)
    grant.refresh_digest, grant.last_used_at = digest, timezone.now()
    grant.save(update_fields=["refresh_digest", "last_used_at"])


@transaction.atomic
def revoke(organization: Organization, grant_id: uuid.UUID, *, actor: Actor) -> None:
    """End a grant, and the tokens it gave. Revoking twice records once.

    Raises administrator_right.NotAllowed, NoSuchGrant.
    """
    administrator_right.hold(organization, actor)
    grant = organization.grants.select_for_update().filter(pk=grant_id).first()
    if grant is None:
        raise NoSuchGrant(NoSuchGrant.__doc__)
    _end(grant, actor, Action.GRANT_REVOKED)


def given_by(organization: Organization) -> QuerySet[Grant]:
    """Return the grants that clients have begun to use, the latest first."""
    begun = organization.grants.filter(refresh_digest__isnull=False)
    return begun.select_related("authorized_by").order_by("-pk")


def replaced_in(organization: Organization) -> list[Grant]:
    """Return what clients have not used since they began to use a later one."""
    begun = [*given_by(organization).filter(revoked_at=None)]
    return [old for old in begun if any(_has_replaced(new, old) for new in begun)]


def forget_unused() -> int:
    """Delete grants whose code nobody has exchanged since yesterday; return how many."""
    before = timezone.now() - KEPT
    unused = Grant.objects.filter(refresh_digest=None, issued_at__lt=before)
    return unused.delete()[0]


def _hold_client(asked: Asked) -> None:
    """Let its addresses change only afterwards; those of the gallery's never do."""
    if asked.client.row is None:
        return
    client = registrations.find(asked.client.client_id, is_locked=True)
    if client is None or asked.redirect_uri not in client.redirect_uris:
        raise NoLongerThere(NoLongerThere.__doc__)


def _has_replaced(new: Grant, old: Grant) -> bool:
    if new == old or new.client_id != old.client_id or old.last_used_at is None:
        return False
    return new.issued_at >= old.last_used_at


def _found(client: Registration, **digest: str) -> Grant:
    grants = Grant.objects.select_for_update(no_key=True, of=("self",))
    grants = grants.select_related("organization").filter(client=client.row)
    grant = grants.filter(**digest).first()
    if grant is None:
        raise Worthless(Worthless.__doc__)
    return grant


def _alive(grant: Grant) -> Grant:
    if not grant.is_alive(gate.hold(grant.organization).disabled_at):
        raise Worthless(Worthless.__doc__)
    return grant


def _end(grant: Grant, actor: Actor, action: Action) -> None:
    if grant.revoked_at is not None:
        return
    grant.revoked_at, grant.revoked_by = timezone.now(), actor.label
    grant.save(update_fields=["revoked_at", "revoked_by"])
    grant.access_tokens.filter(revoked_at=None).update(
        revoked_at=grant.revoked_at, revoked_by=grant.revoked_by
    )
    _record(action, grant, actor)


def _record(action: Action, grant: Grant, actor: Actor) -> None:
    record(
        action,
        organization_id=grant.organization_id,
        actor=actor,
        target=Target("grant", str(grant.pk), grant.client_name),
    )
