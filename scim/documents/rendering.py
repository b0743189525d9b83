"""Documents as clients see them: with what the service provider says itself (§3.1). Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from scim.documents.schemas import ENTERPRISE_USER, GROUP, USER, Document


@dataclass(frozen=True, slots=True)
class Origin:
    """What the service provider itself says of a resource: `id` and `meta` (§3.1)."""

    id: uuid.UUID
    created_at: datetime
    changed_at: datetime
    tag: str
    location: str

    def meta(self, resource_type: str) -> Document:
        return {
            "resourceType": resource_type,
            "created": instant(self.created_at),
            "lastModified": instant(self.changed_at),
            "version": self.tag,
            "location": self.location,
        }


def render_user(document: Document, origin: Origin, groups: object) -> Document:
    """Return a User as clients see it; unassigned attributes are left out (§2.5).

    `groups`: the list as its JSON, or None.
    """
    schemas = [USER, ENTERPRISE_USER] if document.get(ENTERPRISE_USER) else [USER]
    rendered = {"schemas": schemas, "id": str(origin.id), **document}
    if groups:
        rendered["groups"] = groups
    return rendered | {"meta": origin.meta("User")}


def render_group(document: Document, origin: Origin, members: object) -> Document:
    """Return a Group as clients see it. `members`: the list as its JSON, or None."""
    rendered = {"schemas": [GROUP], "id": str(origin.id), **document}
    if members:
        rendered["members"] = members
    return rendered | {"meta": origin.meta("Group")}


def instant(moment: datetime) -> str:
    """Return an instant as `meta` says it (RFC 7643 §2.3.5)."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")
