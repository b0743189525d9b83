"""Who could not get in, or might not, if SAML were required now: names, not numbers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.db.models.functions import Collate, Lower

from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider, LinkedIdentity

MOST_NAMED = 20


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
