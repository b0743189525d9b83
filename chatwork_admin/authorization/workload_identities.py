"""Whose assertions prove a client (B26): trust, and trust no more.

Both raise administrator_right.NotAllowed.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.authorization import clients
from chatwork_admin.authorization.client_assertions import (
    AssertionReason,
    ClientAssertion,
    InvalidAssertion,
)
from chatwork_admin.authorization.models import OAuthClient, WorkloadIdentity
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization import gate
from saml_sso.identity_providers.trusted_addresses import TrustReason, objection_to_url
from saml_sso.remote_metadata.addresses import AddressReason, objection_to_metadata_url

MOST_IDENTITIES = 3
LONGEST_ISSUER, LONGEST_SUBJECT, LONGEST_AUDIENCE = 1024, 255, 1024
OF_PLACEHOLDERS = frozenset(" <>{}")  # what is copied with them names nobody


class NameReason(StrEnum):
    """Why an issuer, a subject or an audience is refused; a value is never renamed."""

    REQUIRED = "required"
    TOO_LONG = "too-long"
    NOT_PLAIN = "not-plain"


Reason = NameReason | TrustReason | AddressReason


class NoSuchIdentity(Exception):
    """The client trusts no such identity, or does so no more."""


class TrustedAlready(Exception):
    """The client trusts whose assertions say the same, wherever the keys are."""


class TooManyIdentities(Exception):
    """The client trusts as many identities as it may."""


class InvalidTrust(Exception):
    """`errors` holds, under the name of each refused field, what is wrong with it."""

    def __init__(self, errors: Mapping[str, Reason]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Trust:
    """What the administrator types in. Raises InvalidTrust."""

    issuer: str
    jwks_uri: str
    subject: str
    audience: str

    def __post_init__(self) -> None:
        found = {
            "issuer": self._objection_to_issuer(),
            "jwks_uri": objection_to_metadata_url(
                self.jwks_uri,
                more_hosts=settings.OAUTH_KEY_HOSTS,
                stand_ins=settings.SAML_STAND_INS,
            ),
            "subject": _objection(self.subject, LONGEST_SUBJECT),
            "audience": _objection(self.audience, LONGEST_AUDIENCE),
        }
        if errors := {name: reason for name, reason in found.items() if reason}:
            raise InvalidTrust(errors)

    def _objection_to_issuer(self) -> Reason | None:
        """An address (RFC 8414 §2), or a client that signs for itself (RFC 7523 §3)."""
        objection = _objection(self.issuer, LONGEST_ISSUER)
        if objection or (self.issuer == self.subject and _is_client_id(self.issuer)):
            return objection
        return objection_to_url(self.issuer, stand_ins=settings.SAML_STAND_INS)


@transaction.atomic
def add(
    organization: Organization, client_id: uuid.UUID, trust: Trust, *, actor: Actor
) -> WorkloadIdentity:
    """Let the assertions of an identity prove the client, as its secrets do.

    Raises clients.NoSuchClient, TrustedAlready, TooManyIdentities.
    """
    administrator_right.hold(organization, actor)
    client = clients.hold(organization, client_id)
    live = live_identities(client)
    same = identities_of(client).filter(
        issuer=trust.issuer, subject=trust.subject, audience=trust.audience
    )
    if any(each in live for each in same):
        raise TrustedAlready(TrustedAlready.__doc__)
    if len(live) >= MOST_IDENTITIES:
        raise TooManyIdentities(TooManyIdentities.__doc__)
    same.update(removed_at=timezone.now())  # it had ended with synchronization
    identity = client.workload_identities.create(
        organization=organization, added_by=actor.label, **asdict(trust)
    )
    _record(Action.WORKLOAD_IDENTITY_ADDED, identity, actor)
    return identity


@transaction.atomic
def remove(
    organization: Organization,
    client_id: uuid.UUID,
    identity_id: uuid.UUID,
    *,
    actor: Actor,
) -> None:
    """Trust an identity no more, and end the tokens that it was given.

    Raises clients.NoSuchClient, NoSuchIdentity.
    """
    administrator_right.hold(organization, actor)
    client = clients.hold(organization, client_id)
    identity = identities_of(client).filter(pk=identity_id).first()
    if identity is None:
        raise NoSuchIdentity(NoSuchIdentity.__doc__)
    identity.removed_at = timezone.now()
    identity.save(update_fields=["removed_at"])
    identity.access_tokens.filter(revoked_at=None).update(
        revoked_at=identity.removed_at, revoked_by=actor.label
    )
    _record(Action.WORKLOAD_IDENTITY_REMOVED, identity, actor)


def identities_of(client: OAuthClient) -> QuerySet[WorkloadIdentity]:
    """Return what has not been removed, in the order in which it was added."""
    of_organization = client.workload_identities.filter(
        organization_id=client.organization_id
    )
    return of_organization.filter(removed_at=None).order_by("pk")


def live_identities(client: OAuthClient) -> list[WorkloadIdentity]:
    disabled_at = gate.synchronization_of(client.organization).disabled_at
    return [each for each in identities_of(client) if each.is_alive(disabled_at)]


def live_in(
    organization: Organization,
) -> defaultdict[uuid.UUID, list[WorkloadIdentity]]:
    """Return by client whom it trusts, in one query for the whole organization."""
    disabled_at = gate.synchronization_of(organization).disabled_at
    rows = WorkloadIdentity.objects.filter(organization=organization, removed_at=None)
    found: defaultdict[uuid.UUID, list[WorkloadIdentity]] = defaultdict(list)
    for identity in rows.order_by("pk"):
        if identity.is_alive(disabled_at):
            found[identity.client_id].append(identity)
    return found


def claimed_by(assertion: ClientAssertion, client: OAuthClient) -> WorkloadIdentity:
    """Return whose assertion this claims to be. Raises InvalidAssertion."""
    found = live_identities(client)
    for name in ("issuer", "subject", "audience"):
        said = getattr(assertion, name)
        found = [each for each in found if getattr(each, name) == said]
        if not found:
            raise InvalidAssertion(AssertionReason(f"assertion-{name}"), said)
    return found[0]


def _objection(name: str, longest: int) -> NameReason | None:
    if not name:
        return NameReason.REQUIRED
    if len(name) > longest:
        return NameReason.TOO_LONG
    is_plain = name.isprintable() and not OF_PLACEHOLDERS & set(name)
    return None if is_plain else NameReason.NOT_PLAIN


def _is_client_id(name: str) -> bool:
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _record(action: Action, identity: WorkloadIdentity, actor: Actor) -> None:
    named = ("issuer", "jwks_uri", "subject", "audience")
    record(
        action,
        organization_id=identity.organization_id,
        actor=actor,
        target=Target("client", str(identity.client_id), identity.client.name),
        context={name: getattr(identity, name) for name in named},
    )
