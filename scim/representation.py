"""Rows as SCIM resources: what an answer reads, and where each resource is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse

from chatwork_admin.organizations.models import Group, Membership, User
from scim.documents.projection import Projection
from scim.documents.resources import Origin, render_group, render_user
from scim.documents.schemas import Document

COLUMNS = ("id", "document", "created_at", "changed_at", "version")


@dataclass(frozen=True, slots=True)
class Row:
    """The columns that a resource needs; `others` are those it is in or has in it."""

    id: uuid.UUID
    document: Document
    created_at: datetime
    changed_at: datetime
    version: int
    others: list[Document]


@dataclass(frozen=True, slots=True)
class Representation:
    """How users, or groups, become resources."""

    address: str
    attribute: str  # that shows memberships
    is_tagged_by_them: bool  # so that they are read, even where they are not shown
    column: str  # of Membership that names the resource
    entry: JSONObject
    entry_type: str
    entry_address: str
    render: Callable[[Document, Origin, list[Document]], Document]

    def rows(self, found: QuerySet[Any], projection: Projection) -> list[Row]:
        """Read rows in one statement; memberships only where they are shown (H3)."""
        columns = found.values_list(*COLUMNS)
        if not self._reads_memberships(projection):
            return [_row(*values, []) for values in columns]
        others = self._memberships(
            **{self.column: OuterRef("pk")}, organization=OuterRef("organization")
        )
        return [_row(*row) for row in columns.annotate(others=ArraySubquery(others))]

    def row_of(
        self, written: User | Group, projection: Projection, *, is_new: bool = False
    ) -> Row:
        """Return what was just written as a row, without reading it again."""
        others: list[Document] = []
        if self._reads_memberships(projection) and not is_new:
            mine = {self.column: written.pk, "organization": written.organization_id}
            others = list(self._memberships(**mine))
        return _row(*(getattr(written, name) for name in COLUMNS), others)

    def resource(self, row: Row) -> Document:
        location = self.location(row.id)
        origin = Origin(row.id, row.created_at, row.changed_at, row.version, location)
        return self.render(row.document, origin, [self._entry(o) for o in row.others])

    def location(self, resource_id: object) -> str:
        """Return the address of a resource, from the configured origin (A12)."""
        return f"{_address(self.address, settings.BASE_URL)}/{resource_id}"

    def _reads_memberships(self, projection: Projection) -> bool:
        return self.is_tagged_by_them or projection.wants(self.attribute)

    def _memberships(self, **mine: object) -> QuerySet[Membership, Document]:
        links = Membership.objects.filter(**mine).order_by("group_id", "user_id")
        return links.values_list(self.entry, flat=True)

    def _entry(self, other: Document) -> Document:
        address = _address(self.entry_address, settings.BASE_URL)
        reference = {"$ref": f"{address}/{other['value']}", "type": self.entry_type}
        said = {name: value for name, value in other.items() if value}  # §2.5
        return said | reference


def _row(*values: Any) -> Row:
    return Row(*values)


@cache
def _address(name: str, base_url: str) -> str:
    return f"{base_url}{reverse(name)}"


USERS = Representation(
    address="scim:users",
    attribute="groups",  # §4.1.2: read-only; never nested (H15)
    is_tagged_by_them=True,
    column="user",
    entry=JSONObject(value="group_id", display="group__display_name"),
    entry_type="direct",
    entry_address="scim:groups",
    render=render_user,
)
GROUPS = Representation(
    address="scim:groups",
    attribute="members",
    is_tagged_by_them=False,  # H3: nobody reads thousands for a tag
    column="group",
    entry=JSONObject(value="user_id", display="user__display_name"),
    entry_type="User",
    entry_address="scim:users",
    render=render_group,
)
