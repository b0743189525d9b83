"""What a provisioning client may do to an organization's users.

Documents come in as RFC 7643 words them; the columns follow from them. Each operation
is atomic, locks before it reads what it will write, and records what it changed;
doing it twice changes and records nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import cache

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.database.statements import columns, fetch, insert, instance, update
from chatwork_admin.organizations import user_managers
from chatwork_admin.organizations.folding import is_spelled_alike
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import ending
from chatwork_admin.organizations.user_managers import Loss
from chatwork_admin.synchronization import (
    admission,
    at_once,
    recycling,
    references,
    succession,
)
from chatwork_admin.synchronization.attributes import (
    Difference,
    Document,
    UserAttributes,
    differences,
    user_attributes,
)
from chatwork_admin.synchronization.versions import Expected, require

DocumentChange = Callable[[Document], Document]


class NoSuchUser(Exception):
    """No such user. It may have been deleted in Chatwork."""


class AdministratorProtected(Exception):
    """Provisioning may not take the organization administrator away."""

    def __init__(self) -> None:
        super().__init__(
            "The organization administrator cannot be suspended, deleted or renamed "
            "by provisioning. Transfer the right first."
        )


@transaction.atomic(savepoint=False)
def provision_user(
    organization: Organization,
    document: Document,
    *,
    actor: Actor,
    user_id: uuid.UUID | None = None,
) -> User:
    """Create a user from a document, linked from the start; with an id known before.

    Somebody in the recycle bin who must be the same person hands over. Raises NotAnEmail,
    TooLong, NotUnique, InUseElsewhere, NoLicenceLeft.
    """
    attributes = user_attributes(document)
    row = at_once.newcomer(organization.pk, document, attributes, user_id)
    user = User(**row)
    if at_once.create(row, organization.licences, actor=actor):
        user._state.adding = False  # noqa: SLF001 - as of a row that was saved
    else:
        _let_in(organization, user, attributes, actor)
    return user


@transaction.atomic(savepoint=False)
def change_user(
    organization: Organization,
    user_id: uuid.UUID,
    change: DocumentChange,
    *,
    actor: Actor,
    expected: Expected = None,
) -> User:
    """Apply `change` to the user's document as it is now, under the row lock.

    The first write of a provisioning client to an existing user links the two. Raises
    what `change` raises, NoSuchUser, Changed, AdministratorProtected, and as
    `provision_user`.
    """
    user = _locked(organization, user_id, expected)
    before = _known(user)
    after = change(before)
    if after == before and user.linked_at is not None:
        return user
    attributes = user_attributes(after, is_active=user.is_active)
    _protect_rights(user, attributes, actor)
    actions = _actions_for(user, attributes)
    _write(user, after, attributes)
    for action in actions:
        _record(action, user, actor, differences(before, after))
    return user


@transaction.atomic(savepoint=False)
def deprovision_user(
    organization: Organization,
    user_id: uuid.UUID,
    *,
    actor: Actor,
    expected: Expected = None,
) -> None:
    """Move a user to the recycle bin: access ends now, erasure follows later.

    Raises NoSuchUser, Changed, AdministratorProtected.
    """
    user = _locked(organization, user_id, expected)
    if user.is_administrator:
        raise AdministratorProtected
    user.deleted_at = timezone.now()
    _cut_off(user, Why.DELETED)
    update(user)
    ties = references.clear(user, user.deleted_at)
    recycling.bury(user, ties, actor=actor)
    cleared = ties.context(teams="teams", reports="unmanaged")
    _record(Action.USER_DELETED, user, actor, [], cleared)


def _let_in(
    organization: Organization, user: User, attributes: UserAttributes, actor: Actor
) -> None:
    """Create a user step by step: one who has a predecessor, or may not come in."""
    arrival = succession.arrival(organization, attributes)
    former = arrival.former
    admission.require_licence(organization, arrival.present)
    if former is not None:
        succession.inherit(user, former)
    if not insert(user, conflict=admission.LOGIN_EMAIL):
        raise admission.taken(user)
    changes = differences({}, user.document)
    _record(Action.USER_PROVISIONED, user, actor, changes, arrival.context)
    if former is not None:
        succession.succeed(former, user, actor=actor)


@cache
def _locking() -> str:
    return f"""
        SELECT {columns(User, "u")} FROM organizations_user u
        WHERE u.organization_id::text = %s::text AND u.id = %s AND u.deleted_at IS NULL
        FOR NO KEY UPDATE
    """  # noqa: S608 - names of our models


def _locked(organization: Organization, user_id: uuid.UUID, expected: Expected) -> User:
    row = fetch(_locking(), [organization.pk, user_id])
    if row is None:
        raise NoSuchUser(NoSuchUser.__doc__)
    user = instance(User, iter(row))
    require(user.version, expected)
    return user


def _known(user: User) -> Document:
    """Whoever was here before provisioning has a name, though no client has said it."""
    document: Document = user.document
    if user.linked_at is None and user.display_name:
        return {"displayName": user.display_name, **document}
    return document


def _write(user: User, document: Document, attributes: UserAttributes) -> None:
    is_renamed = attributes.user_name_key != user.user_name_key
    user.changed_at = timezone.now()
    user.linked_at = user.linked_at or user.changed_at
    user.version += 1
    user.document = document
    for name, value in attributes.columns().items():
        setattr(user, name, value)
    if not user.is_active:
        _cut_off(user, Why.SUSPENDED)
    admission.claim(user) if is_renamed else update(user)


def _protect_rights(user: User, wanted: UserAttributes, actor: Actor) -> None:
    """The login e-mail says who may sign in for the first time as who administers."""
    is_renamed = not is_spelled_alike(wanted.user_name, user.user_name)
    if user.is_administrator and (is_renamed or not wanted.is_active):
        raise AdministratorProtected
    if is_renamed:
        user_managers.dismiss(user, why=Loss.RENAMED, actor=actor)


def _actions_for(user: User, wanted: UserAttributes) -> list[Action]:
    """Say what a change is; that it links is said besides what else it is."""
    linking = [Action.USER_LINKED] if user.linked_at is None else []
    if user.is_active and not wanted.is_active:
        return [*linking, Action.USER_SUSPENDED]
    if wanted.is_active and not user.is_active:
        return [*linking, Action.USER_REACTIVATED]
    return linking or [Action.USER_CHANGED]


def _cut_off(user: User, why: Why) -> None:
    user.session_epoch += 1
    ending.cut_off(user, why)


def _record(
    action: Action,
    user: User,
    actor: Actor,
    changes: list[Difference],
    context: Mapping[str, object] | None = None,
) -> None:
    record(
        action,
        organization_id=user.organization_id,
        actor=actor,
        target=Target("user", str(user.pk), user.user_name),
        changes=changes,
        context=context,
    )
