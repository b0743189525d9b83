"""By which attributes filters find users and groups, and how each is compared.

Columns serve what clients match by, from an index; the rest of a document is compared
where it is kept. Keys are attribute paths in lower case, below the URN of an extension.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from django.db.models import Case, F, Func, JSONField, Q, TextField, Value, When
from django.db.models.expressions import Combinable, Expression
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from scim.documents.schemas import (
    CORE_USER,
    ENTERPRISE_USER,
    EXTENSION,
    GROUP,
    USER,
    Attribute,
    Attributes,
    Type,
)
from scim.representation import GROUPS, USERS, Representation
from scim.search.comparisons import (
    EVERYTHING,
    NO_TEXT,
    Boolean,
    Condition,
    Instant,
    TextBoolean,
    Unordered,
)
from scim.search.entries import Entries, Kept, LookedUp, Node, lookup
from scim.search.memberships import (
    GROUPS_OF_USER,
    MEMBERS_OF_GROUP,
    TAG_OF_GROUP,
    TAG_OF_USER,
)
from scim.search.texts import Identity, case_exact, folded, ignoring_case

Conditions = Mapping[str, Condition]


def _kept(attribute: Attribute, stored: Expression) -> Condition:
    text = Coalesce(stored, NO_TEXT, output_field=TextField())
    if attribute.type is Type.boolean:
        return TextBoolean(text)
    if attribute.type is Type.binary:
        return Unordered(case_exact(text))
    return case_exact(text) if attribute.is_case_exact else ignoring_case(text)


def _conditions(
    attributes: Attributes, holder: str | KeyTransform
) -> dict[str, Condition]:
    """Return the conditions on what a document says, by path."""
    found: dict[str, Condition] = {}
    for name, attribute in attributes.items():
        parts = attribute.sub_attributes
        if attribute.is_multi_valued and parts:
            found |= _of_entries(_entries(attribute))
        elif attribute.type is Type.complex:
            stored = KeyTransform(attribute.name, holder)
            below = {f"{name}.{k}": c for k, c in _conditions(parts, stored).items()}
            node = Node(Q(IsNull(stored, rhs=False)), _names(attribute))
            found |= {**below, name: below.get(f"{name}.value", node)}
        else:
            found[name] = _kept(attribute, KeyTextTransform(attribute.name, holder))
    return found


def _names(attribute: Attribute) -> tuple[str, ...]:
    parts = attribute.sub_attributes.values()
    return tuple(f"{attribute.name}.{part.name}" for part in parts)


def _entries(attribute: Attribute) -> Entries:
    parts = attribute.sub_attributes.items()
    kept = {key: _kept(part, _entry(part.name)) for key, part in parts}
    return Entries(attribute.name, Kept(KeyTransform(attribute.name, "document")), kept)


def _of_entries(entries: Entries) -> dict[str, Condition]:
    name = entries.name.lower()
    return {name: entries} | {f"{name}.{k}": entries.part(k) for k in entries.entry}


def _entry(name: str) -> Expression:
    return Func(template="(entry ->> '%(name)s')", name=name, output_field=TextField())


def _writable(attributes: Attributes) -> Attributes:
    return {name: each for name, each in attributes.items() if not each.is_read_only}


def _common(
    name: str, schemas: Expression, shown: Representation, tag: Combinable
) -> dict[str, Condition]:
    """Return the conditions on what every resource has (RFC 7643 §3, §3.1)."""
    meta: dict[str, Condition] = {
        "meta.resourceType": case_exact(Value(name, TextField())),
        "meta.created": Instant("created_at"),
        "meta.lastModified": Instant("changed_at"),
        "meta.version": case_exact(tag),
        "meta.location": Identity("pk", partial(shown.location, "")),
    }
    return {
        "schemas": Entries(
            "schemas", Kept(schemas), {"value": ignoring_case(_entry("value"))}
        ),
        "id": Identity("pk"),
        "externalid": case_exact(F("external_id"), is_indexed=True),
        "meta": Node(EVERYTHING, tuple(meta)),
        **{name.lower(): condition for name, condition in meta.items()},
    }


def _schemas(*named: str) -> Expression:
    return Value([{"value": each} for each in named], JSONField())


EXTENDED = f"{ENTERPRISE_USER.lower()}:"
USER_SCHEMAS = Case(
    When(document__has_key=ENTERPRISE_USER, then=_schemas(USER, ENTERPRISE_USER)),
    default=_schemas(USER),
)
EMAILS = _entries(CORE_USER["emails"])
DOCUMENT_CONDITIONS = _conditions(_writable(CORE_USER), "document")
EXTENSION_CONDITIONS = _conditions(EXTENSION, KeyTransform(ENTERPRISE_USER, "document"))
USER_CONDITIONS: Conditions = {
    **DOCUMENT_CONDITIONS,
    **_common("User", USER_SCHEMAS, USERS, TAG_OF_USER),
    "username": folded(
        "user_name_key", has_prefixes=True, is_required=True, is_unique=True
    ),
    "displayname": folded("display_name_key", has_prefixes=True),
    "active": Boolean("is_active"),
    "title": folded("title_key", is_shared=True),
    **_of_entries(GROUPS_OF_USER.entries("groups")),
    **{f"{EXTENDED}{path}": each for path, each in EXTENSION_CONDITIONS.items()},
    f"{EXTENDED}department": folded("department_key", is_shared=True),
    f"{EXTENDED}organization": folded("organization_name_key", is_shared=True),
    f"{EXTENDED}employeenumber": folded("employee_number_key"),
}
GROUP_CONDITIONS: Conditions = {
    **_common("Group", _schemas(GROUP), GROUPS, TAG_OF_GROUP),
    **_of_entries(MEMBERS_OF_GROUP.entries("members")),
    "displayname": folded("display_name_key", is_required=True),
}


def user_conditions(organization: uuid.UUID) -> Conditions:
    """Return by what an organization's users are found; its lookup keys are its own."""
    emails = replace(EMAILS, lookup=lookup(organization, "emails"))
    manager = LookedUp(EXTENSION_CONDITIONS["manager"], lookup(organization, "manager"))
    return {
        **USER_CONDITIONS,
        **_of_entries(emails),
        f"{EXTENDED}manager": manager,
        f"{EXTENDED}manager.value": manager,
    }


def group_conditions(_: uuid.UUID) -> Conditions:
    """Return by what groups are found: the same in each organization."""
    return GROUP_CONDITIONS
