"""Nobody is a member, or anybody's manager, who is no more (catalogue row G10).

What deletion takes away is remembered, and put back when the user comes back.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F

from chatwork_admin.organizations.models import Membership, Organization, User
from chatwork_admin.synchronization import reporting_lines
from chatwork_admin.synchronization.reporting_lines import Reports


@dataclass(frozen=True, slots=True)
class Ties:
    """What a user was to others, by their ids: a member of teams, a manager of people."""

    teams: list[str] = field(default_factory=list)
    reports: Reports = field(default_factory=dict)

    def context(self, *, teams: str, reports: str) -> dict[str, list[str]]:
        """Return the ids for an event, under the names that say what happened."""
        named = {teams: self.teams, reports: list(self.reports)}
        return {name: ids for name, ids in named.items() if ids}


def clear(user: User, now: datetime) -> Ties:
    """Take a user who is being deleted out of all groups and all documents.

    Each resource that changes by it gets a version of its own.
    """
    return Ties(_leave(user, now), reporting_lines.clear(user, now))


def renew(user: User, ties: Ties, now: datetime) -> Ties:
    """Put back what `clear` took away, and return what that came to.

    A group that is gone stays gone, and whoever has another manager by now keeps him.
    `user` may be somebody new who takes the deleted one's place.
    """
    return Ties(
        _join(user, ties.teams, now), reporting_lines.renew(user, ties.reports, now)
    )


def _leave(user: User, now: datetime) -> list[str]:
    joined = user.organization.groups.filter(memberships__user=user)
    # Locked in one order, before they are written.
    locked = joined.order_by("pk").select_for_update(of=("self",), no_key=True)
    left = list(locked.values_list("pk", flat=True))
    user.organization.memberships.filter(user=user).delete()
    return _note_change(user.organization, left, now)


def _join(user: User, teams: list[str], now: datetime) -> list[str]:
    kept = user.organization.groups.filter(pk__in=teams).order_by("pk")
    locked = kept.select_for_update(no_key=True)
    joined = list(locked.values_list("pk", flat=True))
    Membership.objects.bulk_create(
        Membership(organization_id=user.organization_id, group_id=group, user=user)
        for group in joined
    )
    return _note_change(user.organization, joined, now)


def _note_change(
    organization: Organization, groups: list[uuid.UUID], now: datetime
) -> list[str]:
    changed = organization.groups.filter(pk__in=groups)
    changed.update(version=F("version") + 1, changed_at=now)
    return list(map(str, groups))
