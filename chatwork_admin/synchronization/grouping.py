"""What a provisioning client may do to an organization's groups and their members."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.database.statements import (
    columns,
    fetch,
    fetch_all,
    instance,
    update,
)
from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Group, Membership, Organization
from chatwork_admin.synchronization import moves, recycling, strangers
from chatwork_admin.synchronization.attributes import (
    Difference,
    Document,
    differences,
    group_name,
)
from chatwork_admin.synchronization.versions import Expected, require


class NoSuchGroup(Exception):
    """No such group. It may have been deleted in Chatwork."""


class GroupNameTaken(Exception):
    """displayName is in use by another group of this organization. Rename one of them."""


@dataclass(frozen=True, slots=True)
class MemberChange:
    """Who joins and who leaves. `replaces`: whoever is not in `joining` leaves.

    `no_ids`: how many more were to join, named by what cannot be an id (row H9).
    A group's document never holds its members: a change costs what changes, not what
    the group holds.
    """

    joining: frozenset[uuid.UUID] = field(default_factory=frozenset)
    leaving: frozenset[uuid.UUID] = field(default_factory=frozenset)
    replaces: bool = False
    no_ids: int = 0


GroupChange = Callable[[Document], tuple[Document, MemberChange]]


@transaction.atomic(savepoint=False)
def provision_group(
    organization: Organization,
    document: Document,
    members: frozenset[uuid.UUID],
    *,
    actor: Actor,
    group_id: uuid.UUID | None = None,
    no_ids: int = 0,
) -> Group:
    """Create a group with its members; unknown ones are left out.

    `no_ids`: as of a MemberChange. Raises TooLong, GroupNameTaken.
    """
    group = _new(organization, group_id or new_id())
    _write(group, document)
    member_change = MemberChange(joining=members, no_ids=no_ids)
    moves = _change_members(group, member_change)
    changes = differences({}, document) + moves.differences()
    _record(Action.GROUP_PROVISIONED, group, actor, changes, moves)
    _note_strangers(group, member_change, moves, actor)
    return group


@transaction.atomic(savepoint=False)
def change_group(
    organization: Organization,
    group_id: uuid.UUID,
    change: GroupChange,
    *,
    actor: Actor,
    expected: Expected = None,
) -> Group:
    """Apply `change` to the group's document and members, under the row lock.

    Raises what `change` raises, NoSuchGroup, Changed, TooLong, GroupNameTaken.
    """
    group = _locked(organization, group_id, expected)
    before = group.document
    after, member_change = change(before)
    moves = _change_members(group, member_change)
    changes = differences(before, after) + moves.differences()
    if after != before or changes:
        group.version += 1
        group.changed_at = timezone.now()
        _write(group, after)
        _record(Action.GROUP_CHANGED, group, actor, changes, moves)
    _note_strangers(group, member_change, moves, actor)
    return group


@transaction.atomic(savepoint=False)
def deprovision_group(
    organization: Organization,
    group_id: uuid.UUID,
    *,
    actor: Actor,
    expected: Expected = None,
) -> None:
    """Delete a group; its members stay. Raises NoSuchGroup, Changed."""
    group = _locked(organization, group_id, expected)
    target = _target(group)
    Membership.objects.filter(organization=organization, group=group).delete()
    group.delete()
    record(
        Action.GROUP_DELETED,
        organization_id=organization.pk,
        actor=actor,
        target=target,
    )


JOINING = f"WITH {moves.JOINING.format(condition='')} {moves.JOIN}"
LEAVING = moves.LEAVE.format(condition="")
LEAVING_BUT = LEAVING.replace("= ANY(", "<> ALL(")


def _new(organization: Organization, group_id: uuid.UUID) -> Group:
    now = timezone.now()
    return Group(id=group_id, organization=organization, created_at=now, changed_at=now)


@cache
def _locking() -> str:
    return f"""
        SELECT {columns(Group, "g")} FROM organizations_group g
        WHERE g.organization_id = %s AND g.id = %s FOR NO KEY UPDATE
    """  # noqa: S608 - names of our models


def _locked(
    organization: Organization, group_id: uuid.UUID, expected: Expected
) -> Group:
    row = fetch(_locking(), [organization.pk, group_id])
    if row is None:
        raise NoSuchGroup(NoSuchGroup.__doc__)
    group = instance(Group, iter(row))
    require(group.version, expected)
    return group


def _write(group: Group, document: Document) -> None:
    name, key = group_name(document)
    is_named_so = not group._state.adding and group.display_name_key == key  # noqa: SLF001
    group.display_name, group.display_name_key = name, key
    group.external_id = document.get("externalId") or ""
    group.document = document
    if is_named_so:
        update(group)
        return
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        raise GroupNameTaken(GroupNameTaken.__doc__) from error


@dataclass(frozen=True, slots=True)
class _Moves:
    """Who really joined and left, by id."""

    joined: list[str]
    left: list[str]

    def differences(self) -> list[Difference]:
        if not self.joined and not self.left:
            return []
        after = f"+{len(self.joined)} -{len(self.left)}"
        return [Difference(attribute="members", before=None, after=after)]

    def context(self) -> dict[str, list[str]]:
        moves = {"joined": self.joined, "left": self.left}
        return {name: ids for name, ids in moves.items() if ids}


def _change_members(group: Group, change: MemberChange) -> _Moves:
    """Let people join and leave; three statements for any number of them."""
    here = _place(group)
    joined = _moved(JOINING, here, "joining", change.joining) if change.joining else []
    if change.replaces:
        recycling.forget_membership(group)
        return _Moves(joined, _moved(LEAVING_BUT, here, "leaving", change.joining))
    if not change.leaving:
        return _Moves(joined, [])
    left = _moved(LEAVING, here, "leaving", change.leaving)
    if len(left) < len(change.leaving):
        recycling.forget_membership(group, change.leaving)
    return _Moves(joined, left)


def _note_strangers(
    group: Group, change: MemberChange, moved: _Moves, actor: Actor
) -> None:
    if change.no_ids or len(moved.joined) < len(change.joining):
        joining = moves.listed(change.joining)
        strangers.note(_place(group), joining, change.no_ids, actor=actor)


def _place(group: Group) -> dict[str, uuid.UUID]:
    return {"organization_id": group.organization_id, "group": group.pk}


def _moved(
    statement: str, here: dict[str, uuid.UUID], way: str, users: frozenset[uuid.UUID]
) -> list[str]:
    said = here | {way: moves.listed(users)}
    return [user_id for (user_id,) in fetch_all(statement, said)]


def _target(group: Group) -> Target:
    return Target("group", str(group.pk), group.display_name)


def _record(
    action: Action,
    group: Group,
    actor: Actor,
    changes: list[Difference],
    moves: _Moves,
) -> None:
    record(
        action,
        organization_id=group.organization_id,
        actor=actor,
        target=_target(group),
        changes=changes,
        context=moves.context(),
    )
