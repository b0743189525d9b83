"""Who could not get in, or might not, if SAML were required, or failed: names."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Collate, Lower

from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider, LinkedIdentity

MOST_NAMED = 20
WITHOUT_PASSWORD = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)


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
    not the login e-mail; their people are known by object id until that changes too.
    """

    administering: People
    never: People
    differing: list[LinkedIdentity]
    differing_count: int


@dataclass(frozen=True, slots=True)
class Dependents:
    """Active people whom SAML alone lets in: administering, and the others."""

    administering: People
    members: People


def dependents(organization: Organization, mode: IdentityProvider.Mode) -> Dependents:
    """Return who gets in by SAML alone: no member has another way.

    Where it is required, that is everybody; emergency access is not looked at.
    """
    people = organization.users.present().filter(is_active=True)
    is_member = {"role": User.Role.MEMBER}
    administering = people.exclude(**is_member)
    if mode != IdentityProvider.Mode.REQUIRED:
        administering = administering.filter(WITHOUT_PASSWORD)
    return Dependents(_people(administering), _people(people.filter(**is_member)))


def preflight(organization: Organization, provider: IdentityProvider) -> LockOut:
    """Return who is at risk; suspended people are not, for they get in nowhere."""
    identities = LinkedIdentity.objects.filter(
        organization=organization, issuer=provider.entity_id
    )
    people = organization.users.present().filter(is_active=True)
    strangers = people.exclude(pk__in=identities.values("user"))
    is_member = {"role": User.Role.MEMBER}
    differing = _differing(identities)
    return LockOut(
        administering=_people(strangers.exclude(**is_member)),
        never=_people(strangers.filter(**is_member)),
        differing=list(differing[:MOST_NAMED]),
        differing_count=differing.count(),
    )


def _people(people: QuerySet[User]) -> People:
    ordered = people.order_by("user_name_key")
    return People(people.count(), list(ordered[:MOST_NAMED]))


def _differing(identities: QuerySet[LinkedIdentity]) -> QuerySet[LinkedIdentity]:
    present = identities.filter(user__deleted_at=None, user__is_active=True)
    named = present.filter(name_id__contains="@")
    lowered = named.annotate(lowered=Collate(Lower("name_id"), "C"))
    differing = lowered.exclude(lowered=F("user__user_name_key"))
    return differing.select_related("user").order_by("user__user_name_key")
