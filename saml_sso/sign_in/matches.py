"""Whom user synchronization and sign-in by SAML do not both know.

Each question is answered by an index, in the order of its pages: see `USER_INDEXES`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.lookups import IsNull

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import LinkedIdentity

# Asked of each person: a join might begin with everybody's identities.
IDENTITY = Subquery(LinkedIdentity.objects.filter(user=OuterRef("pk")).values("pk"))


def never_seen(organization: Organization) -> QuerySet[User]:
    """Return who is provisioned and has never signed in at all."""
    people = _active(organization).filter(linked_at__isnull=False, last_login=None)
    return people.filter(IsNull(IDENTITY, rhs=True))


def by_password_only(organization: Organization) -> QuerySet[User]:
    """Return who is provisioned, administers, and has signed in, but never by SAML."""
    people = _active(organization).exclude(role=User.Role.MEMBER)
    known = people.filter(linked_at__isnull=False, last_login__isnull=False)
    return known.filter(IsNull(IDENTITY, rhs=True))


def not_provisioned(organization: Organization) -> QuerySet[User]:
    """Return who signs in by SAML, and whom no provisioning manages."""
    people = _active(organization).filter(linked_at=None, last_login__isnull=False)
    return people.filter(IsNull(IDENTITY, rhs=False))


def found_twice(organization: Organization) -> QuerySet[User]:
    """Return who shares an externalId with somebody else.

    It need not be unique (RFC 7643 §3.1), but a client that matches by it stops where
    it finds two: Entra ID says DuplicateTargetEntries. To be ordered by it.
    """
    people = organization.users.present().exclude(external_id="")
    ids = people.values("external_id").annotate(people=Count("pk"))
    twice = ids.filter(people__gt=1).values("external_id")
    return people.filter(external_id__in=twice)


def refused_accounts(organization: Organization) -> QuerySet[AuditEvent]:
    """Return the sign-ins refused because the person has another object id."""
    events = AuditEvent.objects.filter(organization_id=organization.pk)
    return events.filter(action=Action.IDENTITY_CONFLICT)


def known_object_ids(
    organization: Organization, people: Collection[UUID]
) -> Mapping[UUID, str]:
    """Return the object ids that these people, by their ids, sign in with now."""
    identities = LinkedIdentity.objects.filter(organization=organization)
    found = identities.filter(user__in=people)
    return dict(found.values_list("user_id", "object_id"))


def _active(organization: Organization) -> QuerySet[User]:
    return organization.users.present().filter(is_active=True)
