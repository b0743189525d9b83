"""What clients ask most, answered from prepared statements: one user, and who is whom.

PostgreSQL composes the texts that `scim.representation` composes of rows; a test holds
the two together for any document. Both cost the same however many users there are.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.http import QueryDict
from django_scim.constants import SchemaURI

from chatwork_admin.database.statements import fetch_all
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization.attributes import Document
from scim.documents.preconditions import tag
from scim.documents.schemas import ENTERPRISE_USER, USER
from scim.representation import GROUPS, USERS

GROUPS_SHOWN = """
    json_agg(json_build_object('value', g.id, 'display', g.display_name,
        '$ref', %(groups)s || g.id::text, 'type', 'direct') ORDER BY g.id)::text
"""
JOINED = "organizations_membership m JOIN organizations_group g ON g.id = m.group_id"
OWN_COLUMNS = (
    "u.id::text, u.version, u.document::text, u.created_at::text, u.changed_at::text"
)
COLUMNS = f"""
    {OWN_COLUMNS},
        (SELECT {GROUPS_SHOWN} FROM {JOINED}
         WHERE m.organization_id = u.organization_id AND m.user_id = u.id)
"""  # noqa: S608 - constants
# The organization as text, which no index has: before the first ANALYZE, PostgreSQL may
# take one of all the organization's users for as good as the one of names, or of ids.
SELECTED = f"""
    SELECT {COLUMNS} FROM organizations_user u
    WHERE u.deleted_at IS NULL AND u.organization_id::text = %(organization)s::text
"""  # noqa: S608 - constants
BY_ID = f"{SELECTED} AND u.id = %(key)s"
BY_USER_NAME = f"{SELECTED} AND u.user_name_key = %(key)s"
# The groups of all at once: of each by itself, they would cost more than all the rest.
# And once: before the first ANALYZE, PostgreSQL would list those of all for each user.
BY_IDS = f"""
    WITH member AS MATERIALIZED (
        SELECT m.user_id, {GROUPS_SHOWN} AS groups FROM {JOINED}
        WHERE m.organization_id = %(organization)s AND m.user_id = ANY(%(ids)s::uuid[])
        GROUP BY m.user_id
    )
    SELECT {OWN_COLUMNS}, member.groups
    FROM organizations_user u LEFT JOIN member ON member.user_id = u.id
    WHERE u.deleted_at IS NULL AND u.organization_id = %(organization)s
        AND u.id = ANY(%(ids)s::uuid[])
"""  # noqa: S608 - constants
PLACES_AFTER = """
    SELECT id, created_at::text AS came_at FROM organizations_user
    WHERE organization_id = %s AND deleted_at IS NULL AND (created_at, id) > (%s, %s)
    ORDER BY created_at, id LIMIT %s
"""
MATCH = re.compile(r'userName eq "([^"\\\x00-\x1f]{1,300})"', re.IGNORECASE)
WITHOUT_MEANING = {"aadOptscim062020"}  # S2: Entra's flag, meant for itself

CORE, EXTENDED = f'["{USER}"]', f'["{USER}","{ENTERPRISE_USER}"]'
EXTENSION = f'"{ENTERPRISE_USER}":'  # within a string, its quotes would be escaped
MIDNIGHT = "0000-00-00 00:00:00.000000"


class Composed(NamedTuple):
    """A resource as JSON, and what its answer's headers say."""

    id: str
    tag: str
    location: str
    text: str


def asking(**said: object) -> dict[str, object]:
    """Return the parameters of a statement that shows users."""
    return {"groups": GROUPS.location(""), **said}


def user(organization: Organization, user_id: uuid.UUID) -> Composed | None:
    found = _users(BY_ID, organization, user_id)
    return found[0] if found else None


def users(
    organization: Organization, ids: list[uuid.UUID]
) -> dict[uuid.UUID, Composed]:
    """Return those of the users that are still there, in this order."""
    names = [str(each) for each in ids]
    listed = f"{{{','.join(names)}}}"
    said = asking(organization=organization.pk, ids=listed)
    found = {each.id: each for each in all_composed(fetch_all(BY_IDS, said))}
    return {
        each: found[name]
        for each, name in zip(ids, names, strict=True)
        if name in found
    }


def places_after(
    organization: Organization, created_at: datetime, user_id: uuid.UUID, count: int
) -> list[tuple[uuid.UUID, str]]:
    """Return who came next after somebody, and when: from any place at one cost."""
    return fetch_all(PLACES_AFTER, [organization.pk, created_at, user_id, count])


def matched(organization: Organization, said: QueryDict) -> str | None:
    """Return the ListResponse to Entra's matching query (E4); None for any other."""
    asked = said.getlist("filter")
    match = MATCH.fullmatch(asked[0]) if len(asked) == 1 else None
    if match is None or len(said.keys() - WITHOUT_MEANING) > 1:
        return None
    return listed(_users(BY_USER_NAME, organization, fold(match[1])))


def listed(found: list[Composed]) -> str:
    """Return the ListResponse that shows all that was found."""
    resources = ",".join(each.text for each in found)
    return (
        f'{{"schemas":["{SchemaURI.LIST_RESPONSE}"],"totalResults":{len(found)},'
        f'"startIndex":1,"itemsPerPage":{len(found)},"Resources":[{resources}]}}'
    )


def _users(statement: str, organization: Organization, key: object) -> list[Composed]:
    rows = fetch_all(statement, asking(organization=organization.pk, key=key))
    return list(all_composed(rows))


def composed(*row: Any) -> Composed:
    """Return the user of a row of COLUMNS."""
    return next(all_composed([row]))


def all_composed(rows: Iterable[Sequence[Any]]) -> Iterator[Composed]:
    """Return the users of rows of COLUMNS: of a page, what is the same is said once."""
    address = USERS.location("")
    for user_id, version, document, created, changed, groups in rows:
        location = address + user_id
        shown = tag(version, orjson.loads(groups) if groups else ())
        escaped = shown.replace('"', r"\"")
        text = (
            f'{{"schemas":{EXTENDED if EXTENSION in document else CORE},"id":"{user_id}",'
            + document[1:-1]
            + (f',"groups":{groups}' if groups else "")
            + f',"meta":{{"resourceType":"User","created":"{_instant(created)}",'
            f'"lastModified":"{_instant(changed)}","version":"{escaped}","location":"{location}"}}}}'
        )
        yield Composed(user_id, shown, location, text)


def written(
    user_id: uuid.UUID, version: int, document: Document, *rest: Any
) -> Composed:
    """Return a user who was just written; `rest`: created, changed, groups, as in COLUMNS."""
    return composed(str(user_id), version, orjson.dumps(document).decode(), *rest)


def _instant(text: str) -> str:
    """Return an instant in UTC, as PostgreSQL or Python writes it, as `meta` has it.

    Both leave out what is zero at the end.
    """
    if text[26:27] != "+":
        moment = text.partition("+")[0]
        text = moment + MIDNIGHT[len(moment) :]
    return f"{text[:10]}T{text[11:26]}Z"
