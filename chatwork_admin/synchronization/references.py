"""Nobody is a member, or anybody's manager, who is no more (catalogue row G10)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from chatwork_admin.organizations.models import User
from chatwork_admin.synchronization.attributes import ENTERPRISE_USER, lookup_key


def clear(user: User, now: datetime) -> dict[str, list[str]]:
    """Take a user who is being deleted out of all groups and all documents.

    Each resource that changes by it gets a version of its own. Returns their ids, for
    the event: the groups that were left, and who lost a manager.
    """
    cleared = {"teams": _leave(user, now), "unmanaged": _unmanage(user, now)}
    return {name: list(map(str, ids)) for name, ids in cleared.items() if ids}


def _leave(user: User, now: datetime) -> list[uuid.UUID]:
    groups = user.organization.groups
    # Locked in one order, before they are written.
    joined = groups.filter(memberships__user=user).order_by("pk")
    locked = joined.select_for_update(of=("self",), no_key=True)
    left = list(locked.values_list("pk", flat=True))
    user.organization.memberships.filter(user=user).delete()
    groups.filter(pk__in=left).update(version=F("version") + 1, changed_at=now)
    return left


def _unmanage(user: User, now: datetime) -> list[uuid.UUID]:
    said: dict[str, Any] = {
        "now": now,
        "organization": user.organization_id,
        "key": lookup_key("manager", str(user.pk)),
        "manager": str(user.pk),
    }
    with connection.cursor() as cursor:
        cursor.execute(UNMANAGE, said)
        return [unmanaged for (unmanaged,) in cursor.fetchall()]


# One statement for any number of people, whom the index of managers finds.
UNMANAGE = f"""
    UPDATE organizations_user
    SET document = CASE
            WHEN (document -> '{ENTERPRISE_USER}') - 'manager' = '{{}}'
            THEN document - '{ENTERPRISE_USER}'
            ELSE document #- '{{{ENTERPRISE_USER},manager}}'
        END,
        lookup_keys = replace(lookup_keys, ' ' || %(key)s::text, ''),
        version = version + 1,
        changed_at = %(now)s
    WHERE organization_id = %(organization)s AND deleted_at IS NULL
        AND lookup_keys <> ''
        AND lookup_keys_of(organization_id, lookup_keys)
            @> ARRAY[%(organization)s::text || %(key)s::text]
        AND lower(document #>> '{{{ENTERPRISE_USER},manager,value}}') = %(manager)s
    RETURNING id
"""  # noqa: S608 - a constant
