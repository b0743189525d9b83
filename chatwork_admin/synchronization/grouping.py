"""What a provisioning client may do to an organization's groups and their members."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import Group, Membership, Organization
from chatwork_admin.synchronization.attributes import (
    Difference,
    Document,
    differences,
    group_name,
)


class NoSuchGroup(Exception):
    """No such group. It may have been deleted in Chatwork."""


class GroupNameTaken(Exception):
    """displayName is already in use by another group of this organization."""


@dataclass(frozen=True, slots=True)
class MemberChange:
    """Who joins and who leaves. `replaces`: whoever is not in `joining` leaves.

    A group's document never holds its members: a change costs what changes, not what
    the group holds.
    """

    joining: frozenset[uuid.UUID] = field(default_factory=frozenset)
    leaving: frozenset[uuid.UUID] = field(default_factory=frozenset)
    replaces: bool = False


GroupChange = Callable[[Document], tuple[Document, MemberChange]]


@transaction.atomic
def provision_group(
    organization: Organization,
    document: Document,
    members: frozenset[uuid.UUID],
    *,
    actor: Actor,
) -> Group:
    """Create a group with its members; unknown members are left out.

    Raises TooLong, GroupNameTaken.
    """
    now = timezone.now()
    group = Group(organization=organization, created_at=now, changed_at=now)
    _write(group, document)
    joined, _ = _change_members(group, MemberChange(joining=members))
    _record(
        Action.GROUP_PROVISIONED,
        group,
        actor,
        differences({}, document) + _member_differences(joined, 0),
    )
    return group


@transaction.atomic
def change_group(
    organization: Organization,
    group_id: uuid.UUID,
    change: GroupChange,
    *,
    actor: Actor,
) -> Group:
    """Apply `change` to the group's document and members, under the row lock.

    Raises what `change` raises, NoSuchGroup, TooLong, GroupNameTaken.
    """
    group = _locked(organization, group_id)
    before = group.document
    after, member_change = change(before)
    joined, left = _change_members(group, member_change)
    if after == before and not joined and not left:
        return group
    group.version += 1
    group.changed_at = timezone.now()
    _write(group, after)
    changes = differences(before, after) + _member_differences(joined, left)
    _record(Action.GROUP_CHANGED, group, actor, changes)
    return group


@transaction.atomic
def deprovision_group(
    organization: Organization, group_id: uuid.UUID, *, actor: Actor
) -> None:
    """Delete a group; its members stay. Raises NoSuchGroup."""
    group = _locked(organization, group_id)
    target = _target(group)
    Membership.objects.filter(organization=organization, group=group).delete()
    group.delete()
    record(
        Action.GROUP_DELETED,
        organization_id=organization.pk,
        actor=actor,
        target=target,
    )


def _locked(organization: Organization, group_id: uuid.UUID) -> Group:
    groups = organization.groups.select_for_update(no_key=True)
    group = groups.filter(pk=group_id).first()
    if group is None:
        raise NoSuchGroup(NoSuchGroup.__doc__)
    return group


def _write(group: Group, document: Document) -> None:
    group.display_name, group.display_name_key = group_name(document)
    group.external_id = document.get("externalId") or ""
    group.document = document
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        raise GroupNameTaken(GroupNameTaken.__doc__) from error


def _change_members(group: Group, change: MemberChange) -> tuple[int, int]:
    """Return how many joined and how many left; three statements at the most."""
    memberships = Membership.objects.filter(
        organization=group.organization_id, group=group
    )
    leaving = memberships.none()
    if change.replaces:
        leaving = memberships.exclude(user__in=change.joining)
    elif change.leaving:
        leaving = memberships.filter(user__in=change.leaving)
    left, _ = leaving.delete()
    if not change.joining:
        return 0, left
    already = memberships.filter(user__in=change.joining).values("user_id")
    present = group.organization.users.present().filter(pk__in=change.joining)
    joining = present.exclude(pk__in=already).values_list("pk", flat=True)
    # The order keeps two changes that add the same people from blocking each other.
    rows = [
        Membership(organization=group.organization, group=group, user_id=user_id)
        for user_id in sorted(joining)
    ]
    Membership.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows), left


def _member_differences(joined: int, left: int) -> list[Difference]:
    if not joined and not left:
        return []
    return [Difference(attribute="members", before=None, after=f"+{joined} -{left}")]


def _target(group: Group) -> Target:
    return Target("group", str(group.pk), group.display_name)


def _record(
    action: Action, group: Group, actor: Actor, changes: list[Difference]
) -> None:
    record(
        action,
        organization_id=group.organization_id,
        actor=actor,
        target=_target(group),
        changes=changes,
    )
