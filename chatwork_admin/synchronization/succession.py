"""Whoever is provisioned again has back what the recycle bin keeps of him.

Ids are never used twice (row D19): to provisioning clients he is somebody new. So a
successor takes over, and the deleted user is no more.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.database.statements import fetch
from chatwork_admin.identifiers import is_object_id
from chatwork_admin.organizations import user_managers
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.user_managers import Loss
from chatwork_admin.synchronization import recycling, references
from chatwork_admin.synchronization.attributes import UserAttributes

BY_EXTERNAL_ID = """
    FROM synchronization_tombstone WHERE organization_id = %(organization_id)s
        AND external_id = %(external_id)s AND external_id <> ''
"""
BY_USER_NAME = """
    FROM synchronization_tombstone WHERE organization_id = %(organization_id)s
        AND user_name_key = %(user_name_key)s
        AND (external_id = '' OR %(external_id)s = '')
"""
# Nobody in the recycle bin who could be meant: less to ask than who is.
IS_NEW = f"""
    NOT EXISTS (SELECT 1 {BY_EXTERNAL_ID}) AND NOT EXISTS (SELECT 1 {BY_USER_NAME})
"""
# Whoever has the login e-mail is the same person, unless two externalIds say otherwise:
# addresses are given to others, with all that is in them. So are externalIds (row D10),
# but for object ids: one that nobody else has is enough. Two of each are as good
# as all: only where one fits is it known who is meant.
FITTING = f"""
    (SELECT user_id {BY_USER_NAME} LIMIT 2)
    UNION
    (SELECT user_id {BY_EXTERNAL_ID} AND user_name_key = %(user_name_key)s LIMIT 2)
    UNION
    (SELECT user_id {BY_EXTERNAL_ID} AND %(is_object_id)s AND NOT EXISTS (
        SELECT 1 FROM organizations_user WHERE organization_id = %(organization_id)s
            AND external_id = %(external_id)s AND deleted_at IS NULL
    ) LIMIT 2)
"""  # noqa: S608 - constants
PRESENT = """
    SELECT coalesce(sum(present), 0) FROM organizations_usercount
    WHERE organization_id = %(organization_id)s
"""
ARRIVAL = f"""
    SELECT ({PRESENT}), ARRAY({FITTING})::text[], EXISTS (SELECT 1 {BY_EXTERNAL_ID})
"""
# As text, which no index has: before the first ANALYZE, PostgreSQL may take the one of
# all the organization's users for as good as the one of names.
HOLDER = """
    SELECT 1 FROM organizations_user
    WHERE organization_id::text = %(organization_id)s::text
        AND user_name_key = %(user_name_key)s AND deleted_at IS NULL
"""


class NotRestored(models.TextChoices):
    """Why nobody comes again, though somebody like that is in the recycle bin."""

    SEVERAL = "several", _("Several deleted users could be meant")
    RENAMED = "renamed", _("A deleted user has the external ID, and another e-mail")


@dataclass(frozen=True, slots=True)
class Arrival:
    """How many users are `present`, and the `former` who comes again, locked, if one does.

    `context`: what an event of the creation says besides.
    """

    present: int
    former: User | None
    context: dict[str, str]


def arrival(organization: Organization, attributes: UserAttributes) -> Arrival:
    """Count the users, and lock who is in the recycle bin and comes again.

    Whoever is being deleted at this moment is waited for, and is there then. The lock is
    the one of `_locked`: whoever shared it first could not get it for themselves.
    """
    said = {
        "organization_id": organization.pk,
        "external_id": attributes.external_id,
        "user_name_key": attributes.user_name_key,
        "is_object_id": is_object_id(attributes.external_id),
    }
    fetch(f"{HOLDER} FOR UPDATE", said)
    present, fitting, is_similar = fetch(ARRIVAL, said) or (0, [], False)
    if len(fitting) == 1:
        return Arrival(present, _locked(organization, fitting[0]), {})
    if not fitting and not is_similar:
        return Arrival(present, None, {})
    why = NotRestored.SEVERAL if fitting else NotRestored.RENAMED
    return Arrival(present, None, {"not_restored": why.value})


def inherit(user: User, former: User) -> None:
    """Give a user, who is not written yet, the last sign-in of the former.

    A display name that the client does not say is the one he had.
    """
    user.last_login = former.last_login
    kept = former.document.get("displayName")
    if kept and "displayName" not in user.document:
        user.document = {"displayName": kept, **user.document}
        user.display_name, user.display_name_key = kept, fold(kept)


def succeed(former: User, user: User, *, actor: Actor) -> None:
    """Hand over teams, reports and identity of the deleted user, whom nobody needs then.

    Both are locked; `user` was written a moment ago, with what `inherit` gave him. The
    identity keeps out whoever has only got the address (record 0038); a right to
    administer stays behind.
    """
    ties = recycling.unearth(former)
    renewed = references.renew(user, ties, user.created_at)
    organization, former_id = former.organization, str(former.pk)
    organization.linked_identities.filter(user=former).update(user=user)
    former.delete()
    user.is_successor = True
    record(
        Action.USER_RESTORED,
        organization_id=user.organization_id,
        actor=actor,
        target=Target("user", str(user.pk), user.user_name),
        context={
            "predecessor": former_id,
            "former_name": former.user_name,
            **renewed.context(teams="rejoined", reports="managed"),
        },
    )
    if former.administers:
        user_managers.record_dismissal(user, why=Loss.ANEW, actor=actor)


def _locked(organization: Organization, user_id: uuid.UUID) -> User | None:
    """Lock a deleted user; None if he was restored or erased meanwhile, or taken over."""
    deleted = organization.users.filter(pk=user_id, deleted_at__isnull=False)
    return deleted.select_for_update().first()
