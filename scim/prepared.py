"""What clients ask most, answered from prepared statements: one user, and who is whom.

PostgreSQL composes the texts that `scim.representation` composes of rows; a test holds
the two together for any document. Both cost the same however many users there are.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from django.http import QueryDict
from django_scim.constants import SchemaURI

from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import Organization
from chatwork_admin.statements import fetch
from scim.representation import GROUPS, USERS
from scim.schemas import ENTERPRISE_USER, USER

INSTANT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
SELECTED = f"""
    SELECT u.id::text, u.version, u.document::text, jsonb_exists(u.document, '{ENTERPRISE_USER}'),
        {INSTANT.format("u.created_at")}, {INSTANT.format("u.changed_at")},
        (SELECT json_agg(json_build_object('value', g.id, 'display', g.display_name,
                '$ref', %s || g.id::text, 'type', 'direct') ORDER BY g.id)::text
         FROM organizations_membership m JOIN organizations_group g ON g.id = m.group_id
         WHERE m.organization_id = u.organization_id AND m.user_id = u.id)
    FROM organizations_user u
    WHERE u.organization_id = %s AND u.deleted_at IS NULL
"""  # noqa: S608 - constants
BY_ID = f"{SELECTED} AND u.id = %s"
BY_USER_NAME = f"{SELECTED} AND u.user_name_key = %s"
MATCH = re.compile(r'userName eq "([^"\\\x00-\x1f]{1,300})"', re.IGNORECASE)
WITHOUT_MEANING = {"aadOptscim062020"}  # S2: Entra's flag, meant for itself

CORE, EXTENDED = f'["{USER}"]', f'["{USER}","{ENTERPRISE_USER}"]'


@dataclass(frozen=True, slots=True)
class Composed:
    """A resource as JSON, and what its answer's headers say."""

    id: str
    version: int
    text: str


def user(organization: Organization, user_id: uuid.UUID) -> Composed | None:
    return _user(BY_ID, organization, user_id)


def matched(organization: Organization, said: QueryDict) -> str | None:
    """Return the ListResponse to Entra's matching query (E4); None for any other."""
    match = MATCH.fullmatch(said.get("filter", ""))
    if match is None or len(said.keys() - WITHOUT_MEANING) > 1:
        return None
    found = _user(BY_USER_NAME, organization, fold(match[1]))
    number, text = (1, found.text) if found else (0, "")
    return (
        f'{{"schemas":["{SchemaURI.LIST_RESPONSE}"],"totalResults":{number},'
        f'"startIndex":1,"itemsPerPage":{number},"Resources":[{text}]}}'
    )


def _user(statement: str, organization: Organization, key: object) -> Composed | None:
    groups = GROUPS.location("")
    found = fetch(statement, [groups, organization.pk, key])
    if found is None:
        return None
    user_id, version, document, is_extended, created, changed, memberships = found
    text = (
        f'{{"schemas":{EXTENDED if is_extended else CORE},"id":"{user_id}",'
        + document[1:-1]
        + (f',"groups":{memberships}' if memberships else "")
        + f',"meta":{{"resourceType":"User","created":"{created}",'
        f'"lastModified":"{changed}","version":"W/\\"{version}\\"",'
        f'"location":"{USERS.location(user_id)}"}}}}'
    )
    return Composed(user_id, version, text)
