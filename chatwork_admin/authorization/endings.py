"""What lets clients in and ends by itself: tokens and secrets by date, grants unused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db.models import Model

from chatwork_admin.audit.recording import Target
from chatwork_admin.authorization import grants
from chatwork_admin.authorization.models import (
    BY_HAND,
    IDLE_LIFETIME,
    AccessToken,
    ClientSecret,
    Credential,
    Grant,
)
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization import gate


@dataclass(frozen=True, slots=True)
class Known:
    """What an organization's credentials have in common."""

    disabled_at: datetime | None
    replaced: list[Grant]


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that is good until `ends_at`, if nobody does anything.

    `target` names it as administrators know it; a secret by its client and `note`.
    """

    row: AccessToken | ClientSecret | Grant
    target: Target
    ends_at: datetime
    note: str = ""


def endings(
    since: datetime, until: datetime, organization: Organization | None = None
) -> list[Ending]:
    """Return what ends within a time, in one organization or in all, the first first.

    What is revoked, or was disabled with synchronization, has ended already; a grant
    that a later one has replaced is missed by nobody.
    """
    of = {} if organization is None else {"organization": organization}
    dated = list(_dated(since, until, of))
    organizations = {each.row.organization for each in dated}
    known = {each: _known_of(each) for each in organizations}
    found = [each for each in dated if _is_still_to_end(each, known)]
    return sorted(found, key=lambda each: each.ends_at)


def _dated(
    since: datetime, until: datetime, of: dict[str, Organization]
) -> Iterator[Ending]:
    given = {"revoked_at": None, **of}
    dated = {"expires_at__range": (since, until), **given}
    tokens = AccessToken.objects.filter(BY_HAND, **dated)
    for token in tokens.select_related("organization"):
        yield Ending(token, _target("token", token, token.name), _end_of(token))
    secrets = ClientSecret.objects.filter(client__removed_at=None, **dated)
    for secret in secrets.select_related("client", "organization"):
        target = _target("client", secret.client, secret.client.name)
        yield Ending(secret, target, _end_of(secret), secret.note)
    used = (since - IDLE_LIFETIME, until - IDLE_LIFETIME)
    begun = Grant.objects.filter(refresh_digest__isnull=False, **given)
    idle = begun.filter(last_used_at__range=used)
    for grant in idle.select_related("organization"):
        yield Ending(
            grant, _target("grant", grant, grant.client_name), grant.expires_at
        )


def _end_of(credential: Credential) -> datetime:
    return cast("datetime", credential.expires_at)  # it was found by that


def _target(kind: str, row: Model, name: str) -> Target:
    return Target(kind, str(row.pk), name)


def _known_of(organization: Organization) -> Known:
    disabled_at = gate.synchronization_of(organization).disabled_at
    return Known(disabled_at, grants.replaced_in(organization))


def _is_still_to_end(ending: Ending, known: dict[Organization, Known]) -> bool:
    row, its = ending.row, known[ending.row.organization]
    if row.ended_at(its.disabled_at) != ending.ends_at:
        return False
    return not isinstance(row, Grant) or row not in its.replaced
