"""Who could not get in, or might not, if SAML were required, or failed: names.

At the same cost for any number of people: they are counted as the organization counts
itself, and the first are in an index. Only a few administer, and of names that differ a
sample says enough.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet

from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider, LinkedIdentity

MOST_NAMED = 20
LOOKED_AT = 1_000  # identities
WITHOUT_PASSWORD = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
MEMBER = Q(role=User.Role.MEMBER)


@dataclass(frozen=True, slots=True)
class People:
    """How many, and the first of them by login e-mail."""

    count: int
    named: list[User]

    @property
    def more(self) -> int:
        return self.count - len(self.named)


@dataclass(frozen=True, slots=True)
class LockOut:
    """`administering`: of those who use a password now, who never came in by SAML.

    `never`: other active people who never did. `differing`: identities whose name is
    not the login e-mail, of the `looked_at` first ones; their people are known by object
    id until that changes too.
    """

    administering: People
    never: People
    differing: list[LinkedIdentity]
    differing_count: int
    looked_at: int


@dataclass(frozen=True, slots=True)
class Dependents:
    """Active people whom SAML alone lets in: administering, and the others."""

    administering: People
    members: People


def dependents(organization: Organization, mode: IdentityProvider.Mode) -> Dependents:
    """Return who gets in by SAML alone: no member has another way.

    Where it is required, that is everybody; emergency access is not looked at.
    """
    active = _active(organization)
    administering = active.exclude(MEMBER)
    members = organization.user_count().active - administering.count()
    if mode != IdentityProvider.Mode.REQUIRED:
        administering = administering.filter(WITHOUT_PASSWORD)
    return Dependents(
        _people(administering), People(members, _first(active.filter(MEMBER)))
    )


def preflight(organization: Organization, provider: IdentityProvider) -> LockOut:
    """Return who is at risk; suspended people are not, for they get in nowhere."""
    identities = LinkedIdentity.objects.filter(organization=organization)
    ours = identities.filter(issuer=provider.entity_id)
    administering = _active(organization).exclude(MEMBER)
    sample = _sample(ours)
    differing = [
        pk for login, name, pk in sample if "@" in name and name.lower() != login
    ]
    return LockOut(
        administering=_people(administering.exclude(_is_among(ours))),
        never=_never(organization, provider),
        differing=_named(differing),
        differing_count=len(differing),
        looked_at=LOOKED_AT if len(sample) == LOOKED_AT else 0,
    )


def _active(organization: Organization) -> QuerySet[User]:
    return organization.users.present().filter(is_active=True)


def _people(people: QuerySet[User]) -> People:
    return People(people.count(), _first(people))


def _first(people: QuerySet[User]) -> list[User]:
    return list(people.order_by("user_name_key")[:MOST_NAMED])


def _is_among(identities: QuerySet[LinkedIdentity]) -> Exists:
    return Exists(identities.filter(user=OuterRef("pk")))


def _never(organization: Organization, provider: IdentityProvider) -> People:
    """Return members who have never come in, or only by another identity provider.

    A member has no other way in; whoever was unlinked is linked again by the next sign-in.
    """
    outside = _active(organization).filter(last_login=None)
    counted = organization.user_count()
    count = counted.active - counted.entered - outside.exclude(MEMBER).count()
    first = _first(outside.filter(MEMBER))
    former = _former(organization, provider)
    return People(count + former.count(), [*first, *_first(former)][:MOST_NAMED])


def _former(organization: Organization, provider: IdentityProvider) -> QuerySet[User]:
    """Return members whom an identity provider let in that was trusted before."""
    versions = organization.saml_settings_versions
    if not versions.exclude(settings__entity_id=provider.entity_id).exists():
        return User.objects.none()
    others = organization.linked_identities.exclude(issuer=provider.entity_id)
    entered = _active(organization).filter(MEMBER, last_login__isnull=False)
    return entered.filter(_is_among(others))


def _sample(identities: QuerySet[LinkedIdentity]) -> list[tuple[str, str, uuid.UUID]]:
    """Return login e-mail, name and id of identities: by the index of object ids."""
    known = identities.exclude(object_id="")
    at_risk = known.filter(user__deleted_at=None, user__is_active=True)
    rows = at_risk.values_list("user__user_name_key", "name_id", "pk")
    return sorted(rows.order_by("organization", "object_id")[:LOOKED_AT])


def _named(differing: list[uuid.UUID]) -> list[LinkedIdentity]:
    named = LinkedIdentity.objects.filter(pk__in=differing[:MOST_NAMED])
    return list(named.select_related("user").order_by("user__user_name_key"))
