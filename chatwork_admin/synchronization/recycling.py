"""The recycle bin: who is deleted comes back whole, or is erased for good in the end."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Func, JSONField, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM, Actor, Target, record
from chatwork_admin.organizations.founding import target_of
from chatwork_admin.organizations.models import Group, Organization, User
from chatwork_admin.synchronization import admission, references, reporting_lines
from chatwork_admin.synchronization.models import Tombstone
from chatwork_admin.synchronization.references import Ties

BATCH = 200


class NotInRecycleBin(Exception):
    """Nobody with this id is in the recycle bin: restored meanwhile, or erased."""


class NobodyToKeep(Exception):
    """Nobody in the recycle bin would be erased before that."""


def bury(user: User, ties: Ties, *, actor: Actor) -> None:
    """Remember what a user who is being deleted was to others, and who deleted him."""
    kept_for = timedelta(days=settings.RECYCLE_BIN_DAYS)
    Tombstone.objects.create(
        organization_id=user.organization_id,
        user=user,
        user_name_key=user.user_name_key,
        external_id=user.external_id,
        deleted_by=actor.label,
        erase_after=(user.deleted_at or timezone.now()) + kept_for,
        teams=ties.teams,
        reports=ties.reports,
    )


@transaction.atomic
def restore_user(
    organization: Organization, user_id: uuid.UUID, *, actor: Actor
) -> User:
    """Bring a user back as he was deleted, with teams and reports that still exist.

    His sessions stay ended. Whoever is there already is returned as he is. Raises
    NotInRecycleBin, NoLicenceLeft, NotUnique, InUseElsewhere.
    """
    user = _locked(organization, user_id)
    if user.deleted_at is None:
        return user
    admission.require_licence(organization)
    user.deleted_at, user.changed_at = None, timezone.now()
    user.version += 1
    reporting_lines.postpone(user)
    admission.claim(user)
    renewed = references.renew(user, unearth(user), user.changed_at)
    record(
        Action.USER_RESTORED,
        organization_id=organization.pk,
        actor=actor,
        target=Target("user", str(user.pk), user.user_name),
        context=renewed.context(teams="rejoined", reports="managed"),
    )
    return user


def unearth(user: User) -> Ties:
    """Take a deleted user's tombstone away; return what it remembers."""
    tombstone = Tombstone.objects.filter(user=user).first()
    if tombstone is None:
        return Ties()
    tombstone.delete()
    return Ties(tombstone.teams, tombstone.reports)


def forget_membership(group: Group, users: Collection[uuid.UUID] | None = None) -> None:
    """Let nobody in the recycle bin come back into a group, or none of `users`.

    A client that says who the members are says it of the deleted too, whom it cannot see.
    """
    remembering = Tombstone.objects.filter(
        organization_id=group.organization_id, teams__contains=[str(group.pk)]
    )
    if users is not None:
        remembering = remembering.filter(user__in=users)
    remembering.update(teams=_Without(F("teams"), _text(group.pk)))


class _Without(Func):
    """A list in JSON without a text."""

    template, arg_joiner, output_field = "%(expressions)s", " - ", JSONField()


def _text(key: uuid.UUID) -> Cast:
    return Cast(Value(str(key)), TextField())


@transaction.atomic
def erase_user(organization: Organization, user_id: uuid.UUID, *, actor: Actor) -> None:
    """Erase somebody in the recycle bin now and for good. Raises NotInRecycleBin."""
    user = _locked(organization, user_id)
    if user.deleted_at is None:
        raise NotInRecycleBin(NotInRecycleBin.__doc__)
    _erase(user, actor)


@transaction.atomic
def extend(
    organization: Organization, *, until: datetime, actor: Actor, reason: str = ""
) -> None:
    """Keep everybody who is in the recycle bin at least until then.

    Raises NobodyToKeep where that changes nothing.
    """
    ending = organization.tombstones.filter(erase_after__lt=until)
    users = ending.update(erase_after=until)
    if not users:
        raise NobodyToKeep(NobodyToKeep.__doc__)
    record(
        Action.RECYCLE_BIN_EXTENDED,
        organization_id=organization.pk,
        actor=actor,
        target=target_of(organization),
        context={"reason": reason, "until": until.isoformat(), "users": users},
    )


def empty_recycle_bin() -> int:
    """Erase whoever has been kept long enough; return how many."""
    _remember_the_forgotten()
    erased = 0
    while batch := _erase_batch():
        erased += batch
    return erased


@transaction.atomic
def _remember_the_forgotten() -> None:
    """While a new version is rolled out, the one before deletes without a tombstone."""
    forgotten = User.objects.filter(deleted_at__isnull=False, tombstone=None)
    for user in forgotten.select_for_update(of=("self",), skip_locked=True):
        bury(user, Ties(), actor=SYSTEM)


@transaction.atomic
def _erase_batch() -> int:
    due = Tombstone.objects.filter(erase_after__lt=timezone.now())
    ordered = due.order_by("erase_after").select_related("user")
    batch = list(ordered.select_for_update(skip_locked=True)[:BATCH])
    for tombstone in batch:
        _erase(tombstone.user, SYSTEM)
    return len(batch)


def _erase(user: User, actor: Actor) -> None:
    record(
        Action.USER_PURGED,
        organization_id=user.organization_id,
        actor=actor,
        target=Target("user", str(user.pk), ""),
    )
    user.delete()


def _locked(organization: Organization, user_id: uuid.UUID) -> User:
    """Lock a user, deleted or not: he may be restored or erased at this moment."""
    user = organization.users.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotInRecycleBin(NotInRecycleBin.__doc__)
    return user
