"""Rows as SCIM resources: what an answer reads, and where each resource is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import QuerySet

from chatwork_admin.organizations.models import Group, User
from scim.documents.preconditions import tag
from scim.documents.projection import Projection
from scim.documents.rendering import Origin, render_group, render_user
from scim.documents.schemas import Document
from scim.entries import PARTS, Entries
from scim.locations import location

COLUMNS = ("id", "document", "created_at", "changed_at", "version")
TAGGED = ("value", "display")  # the parts that a tag is of (`preconditions.tag`)
Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What a resource is made of. `others`: the entries that are shown, as JSON."""

    id: uuid.UUID
    document: Document
    created_at: datetime
    changed_at: datetime
    tag: str
    others: orjson.Fragment | None


@dataclass(frozen=True, slots=True)
class Representation:
    """How users, or groups, become resources."""

    address: str
    attribute: str  # that shows memberships
    is_tagged_by_them: bool  # so that they are read, even where they are not shown
    entries: Entries
    render: Callable[[Document, Origin, orjson.Fragment | None], Document]

    def rows(
        self,
        found: QuerySet[Any],
        projection: Projection,
        *,
        are_tagged: bool = True,
    ) -> list[Row]:
        """Read rows in one statement; memberships only where they are needed (H3).

        `are_tagged`: whether anybody sees what their tags say of memberships.
        """
        needed = self.needed(projection, are_tagged=are_tagged)
        texts = {name: self.entries.of_each(each) for name, each in needed.read.items()}
        columns = found.annotate(**texts).values(*COLUMNS, *texts)
        return [needed.row(values) for values in columns]

    def row_of(
        self, written: User | Group, projection: Projection, *, is_new: bool = False
    ) -> Row:
        """Return what was just written as a row, without reading it again."""
        needed = self.needed(projection)
        values = {name: getattr(written, name) for name in COLUMNS}
        for name, parts in {} if is_new else needed.read.items():
            values[name] = self.entries.of(written.pk, written.organization_id, parts)
        return needed.row(values)

    def resource(self, row: Row) -> Document:
        address = self.location(row.id)
        origin = Origin(row.id, row.created_at, row.changed_at, row.tag, address)
        return self.render(row.document, origin, row.others)

    def location(self, resource_id: object) -> str:
        return location(self.address, resource_id)

    def needed(self, projection: Projection, *, are_tagged: bool = True) -> Needed:
        """Return what is read of memberships to show resources so."""
        tagged = TAGGED if self.is_tagged_by_them and are_tagged else ()
        return Needed(projection.parts(self.attribute, PARTS), tagged)


@dataclass(frozen=True, slots=True)
class Needed:
    """Which parts of memberships are shown, and which ones the tag is of."""

    shown: Parts
    tagged: Parts

    @property
    def read(self) -> dict[str, Parts]:
        """The parts to read, by name; once where what is shown is enough for the tag."""
        is_enough = set(self.tagged) <= set(self.shown)
        read = {"shown": self.shown, "tagged": () if is_enough else self.tagged}
        return {name: parts for name, parts in read.items() if parts}

    def row(self, values: Document) -> Row:
        """Make a row of COLUMNS, and of what was read."""
        shown = values.get("shown") or ""
        tagged = (values.get("tagged", shown) or "") if self.tagged else ""
        return Row(
            id=values["id"],
            document=values["document"],
            created_at=values["created_at"],
            changed_at=values["changed_at"],
            tag=tag(values["version"], orjson.loads(f"[{tagged}]")),
            others=orjson.Fragment(f"[{shown}]") if shown else None,
        )


USERS = Representation(
    address="scim:users",
    attribute="groups",  # §4.1.2: read-only; never nested (H15)
    is_tagged_by_them=True,
    entries=Entries(
        mine="user",
        other="group_id",
        display="group__display_name",
        type="direct",
        others="scim:groups",
    ),
    render=render_user,
)
GROUPS = Representation(
    address="scim:groups",
    attribute="members",
    is_tagged_by_them=False,  # H3: nobody reads thousands for a tag
    entries=Entries(
        mine="group",
        other="user_id",
        display="user__display_name",
        type="User",
        others="scim:users",
    ),
    render=render_group,
)
