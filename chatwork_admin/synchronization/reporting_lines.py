"""Whose manager a user is: what the documents of others say of him.

One statement serves any number of people.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import orjson

from chatwork_admin.database.statements import fetch_all
from chatwork_admin.organizations.models import User
from chatwork_admin.synchronization.attributes import (
    ENTERPRISE_USER,
    Document,
    lookup_key,
    lookup_keys,
)
from chatwork_admin.synchronization.models import Tombstone

Reports = dict[str, Document]  # by the id of who reports: how he named his manager


def clear(manager: User, now: datetime) -> Reports:
    """Take the manager out of all documents; return what stood there."""
    rows = fetch_all(CLEARING, _parameters(manager, now))
    return {str(report): orjson.loads(said) for report, said in rows}


def renew(manager: User, reports: Reports, now: datetime) -> Reports:
    """Put him back where nobody else was named meanwhile; return where that was.

    Also in the recycle bin: what is kept there must be true when it comes back.
    """
    wanted = {report: _naming(manager, said) for report, said in reports.items()}
    if not wanted:
        return {}
    said = orjson.dumps(wanted).decode()
    rows = fetch_all(RENEWING, _parameters(manager, now, wanted=said))
    return {str(report): wanted[str(report)] for (report,) in rows}


def postpone(user: User) -> None:
    """Let a user who comes back not name a manager who is not there himself.

    If the manager is in the recycle bin, that is remembered until he comes back. The
    user is not written here.
    """
    extension = user.document.get(ENTERPRISE_USER) or {}
    said = extension.get("manager")
    if not said:
        return
    manager = _locked(user, said.get("value"))
    if manager is not None and manager.deleted_at is None:
        return
    for tombstone in Tombstone.objects.filter(user=manager).select_for_update():
        tombstone.reports[str(user.pk)] = said
        tombstone.save(update_fields=["reports"])
    rest = {name: value for name, value in extension.items() if name != "manager"}
    user.document = user.document | {ENTERPRISE_USER: rest}
    if not rest:
        del user.document[ENTERPRISE_USER]
    user.lookup_keys = lookup_keys(user.document)


def _locked(user: User, manager_id: object) -> User | None:
    """Lock the manager, present or not, lest he comes or goes meanwhile."""
    try:
        read = uuid.UUID(str(manager_id))
    except ValueError:
        return None
    found = user.organization.users.filter(pk=read)
    return found.select_for_update(no_key=True).first()


def _naming(manager: User, said: Document) -> Document:
    """Return how a document names him; a new id makes an old address wrong."""
    if said.get("value") == str(manager.pk):
        return said
    rest = {name: value for name, value in said.items() if name != "$ref"}
    return rest | {"value": str(manager.pk)}


def _parameters(manager: User, now: datetime, **more: str) -> dict[str, Any]:
    return {
        "now": now,
        "organization": manager.organization_id,
        "key": lookup_key("manager", str(manager.pk)),
        "manager": str(manager.pk),
        **more,
    }


MANAGER = f"'{{{ENTERPRISE_USER},manager}}'"
# The index of managers finds them. Locked in one order, before they are written.
CLEARING = f"""
    WITH managed AS (
        SELECT id, document #> {MANAGER} AS said FROM organizations_user
        WHERE organization_id = %(organization)s AND deleted_at IS NULL
            AND lookup_keys <> ''
            AND lookup_keys_of(organization_id, lookup_keys)
                @> ARRAY[%(organization)s::text || %(key)s::text]
            AND lower(document #>> '{{{ENTERPRISE_USER},manager,value}}') = %(manager)s
        ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE organizations_user u
    SET document = CASE
            WHEN (document -> '{ENTERPRISE_USER}') - 'manager' = '{{}}'
            THEN document - '{ENTERPRISE_USER}'
            ELSE document #- {MANAGER}
        END,
        lookup_keys = replace(lookup_keys, ' ' || %(key)s::text, ''),
        version = version + 1,
        changed_at = %(now)s
    FROM managed WHERE u.id = managed.id
    RETURNING u.id, managed.said
"""  # noqa: S608 - a constant
RENEWING = f"""
    WITH managed AS (
        SELECT u.id, wanted.value AS said
        FROM jsonb_each(%(wanted)s::jsonb) AS wanted
        JOIN organizations_user u
            ON u.organization_id = %(organization)s AND u.id = wanted.key::uuid
        WHERE u.document #> {MANAGER} IS NULL
        ORDER BY u.id FOR NO KEY UPDATE OF u
    )
    UPDATE organizations_user u
    SET document = document || jsonb_build_object(
            '{ENTERPRISE_USER}',
            coalesce(document -> '{ENTERPRISE_USER}', '{{}}')
                || jsonb_build_object('manager', managed.said)
        ),
        lookup_keys = (
            SELECT string_agg(' ' || key, '' ORDER BY key COLLATE "C") FROM (
                SELECT unnest(string_to_array(ltrim(lookup_keys), ' '))
                UNION SELECT %(key)s::text
            ) AS keys (key)
        ),
        version = version + 1,
        changed_at = %(now)s
    FROM managed WHERE u.id = managed.id
    RETURNING u.id
"""  # noqa: S608 - a constant
