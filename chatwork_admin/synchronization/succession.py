"""Whoever is provisioned again has back what the recycle bin keeps of him.

Ids are never used twice (row D19): to provisioning clients he is somebody new. So a
successor takes over, and the deleted user is no more.
"""

from __future__ import annotations

import uuid

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.database.statements import fetch
from chatwork_admin.organizations import user_managers
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.user_managers import Loss
from chatwork_admin.synchronization import recycling, references
from chatwork_admin.synchronization.attributes import UserAttributes

# The same externalId is the same person; the same login e-mail is, unless two
# externalIds say otherwise: addresses are given to others, with all that is in them.
BY_EXTERNAL_ID = """
    FROM synchronization_tombstone WHERE organization_id = %(organization_id)s
        AND external_id = %(external_id)s AND external_id <> ''
"""
BY_USER_NAME = """
    FROM synchronization_tombstone WHERE organization_id = %(organization_id)s
        AND user_name_key = %(user_name_key)s
        AND (external_id = '' OR %(external_id)s = '')
"""
FORMER = f"""
    SELECT user_id FROM (
        (SELECT 1 AS rank, user_id {BY_EXTERNAL_ID} ORDER BY id DESC LIMIT 1)
        UNION ALL
        (SELECT 2, user_id {BY_USER_NAME} ORDER BY id DESC LIMIT 1)
    ) AS found ORDER BY rank LIMIT 1
"""  # noqa: S608 - constants
# Whether there is no former: to say so takes PostgreSQL less than to say who it is.
IS_NEW = f"""
    NOT EXISTS (SELECT 1 {BY_EXTERNAL_ID}) AND NOT EXISTS (SELECT 1 {BY_USER_NAME})
"""
PRESENT = """
    SELECT coalesce(sum(present), 0) FROM organizations_usercount
    WHERE organization_id = %(organization_id)s
"""
ARRIVAL = f"SELECT ({PRESENT}), ({FORMER})"
# As text, which no index has: before the first ANALYZE, PostgreSQL may take the one of
# all the organization's users for as good as the one of names.
HOLDER = """
    SELECT 1 FROM organizations_user
    WHERE organization_id::text = %(organization_id)s::text
        AND user_name_key = %(user_name_key)s AND deleted_at IS NULL
"""


def arrival(
    organization: Organization, attributes: UserAttributes
) -> tuple[int, User | None]:
    """Count the users, and lock who is in the recycle bin and comes again, if anybody.

    Whoever is being deleted at this moment is waited for, and is there then. The lock is
    the one of `_locked`: whoever shared it first could not get it for themselves.
    """
    said = {
        "organization_id": organization.pk,
        "external_id": attributes.external_id,
        "user_name_key": attributes.user_name_key,
    }
    fetch(f"{HOLDER} FOR UPDATE", said)
    present, former = fetch(ARRIVAL, said) or (0, None)
    return present, former and _locked(organization, former)


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
            **renewed.context(teams="rejoined", reports="managed"),
        },
    )
    if former.administers:
        user_managers.record_dismissal(user, why=Loss.ANEW, actor=actor)


def _locked(organization: Organization, user_id: uuid.UUID) -> User | None:
    """Lock a deleted user; None if he was restored or erased meanwhile, or taken over."""
    deleted = organization.users.filter(pk=user_id, deleted_at__isnull=False)
    return deleted.select_for_update().first()
