"""By which attributes filters find users and groups, and how each is compared.

Columns serve what clients match by, from an index; the rest of a document is compared
where it is kept. Keys are attribute paths in lower case, below the URN of an extension.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

from django.db.models import F, Func, TextField
from django.db.models.expressions import Expression
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from scim.comparisons import NO_TEXT, Boolean, Condition, Instant, OwnId, TextBoolean
from scim.entries import Entries, LookedUp, MembershipOf, lookup
from scim.schemas import (
    CORE_USER,
    ENTERPRISE_USER,
    EXTENSION,
    Attribute,
    Attributes,
    Type,
)
from scim.texts import case_exact, folded, ignoring_case

Conditions = Mapping[str, Condition]


def _kept(attribute: Attribute, stored: Expression) -> Condition:
    text = Coalesce(stored, NO_TEXT, output_field=TextField())
    if attribute.type is Type.boolean:
        return TextBoolean(text)
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
            below = _conditions(parts, KeyTransform(attribute.name, holder))
            found |= {f"{name}.{key}": condition for key, condition in below.items()}
            if "value" in below:
                found[name] = below["value"]
        else:
            found[name] = _kept(attribute, KeyTextTransform(attribute.name, holder))
    return found


def _entries(attribute: Attribute) -> Entries:
    parts = attribute.sub_attributes.items()
    kept = {key: _kept(part, _entry(part)) for key, part in parts}
    return Entries(attribute.name, kept)


def _of_entries(entries: Entries) -> dict[str, Condition]:
    name = entries.name.lower()
    return {name: entries} | {f"{name}.{k}": entries.part(k) for k in entries.entry}


def _entry(part: Attribute) -> Expression:
    return Func(
        template="(entry ->> '%(name)s')", name=part.name, output_field=TextField()
    )


def _writable(attributes: Attributes) -> Attributes:
    return {name: each for name, each in attributes.items() if not each.is_read_only}


EXTENDED = f"{ENTERPRISE_USER.lower()}:"
COMMON_CONDITIONS: dict[str, Condition] = {
    "id": OwnId(),
    "externalid": case_exact(F("external_id"), is_indexed=True),
    "meta.created": Instant("created_at"),
    "meta.lastmodified": Instant("changed_at"),
}
EMAILS = _entries(CORE_USER["emails"])
DOCUMENT_CONDITIONS = _conditions(_writable(CORE_USER), "document")
EXTENSION_CONDITIONS = _conditions(EXTENSION, KeyTransform(ENTERPRISE_USER, "document"))
USER_CONDITIONS: Conditions = {
    **DOCUMENT_CONDITIONS,
    **COMMON_CONDITIONS,
    "username": folded("user_name_key", has_prefixes=True, is_required=True),
    "displayname": folded("display_name_key", has_prefixes=True),
    "active": Boolean("is_active"),
    "title": folded("title_key", is_shared=True),
    "groups": MembershipOf("user", "group"),
    "groups.value": MembershipOf("user", "group"),
    **{f"{EXTENDED}{path}": each for path, each in EXTENSION_CONDITIONS.items()},
    f"{EXTENDED}department": folded("department_key", is_shared=True),
    f"{EXTENDED}organization": folded("organization_name_key", is_shared=True),
    f"{EXTENDED}employeenumber": folded("employee_number_key"),
}
GROUP_CONDITIONS: Conditions = {
    **COMMON_CONDITIONS,
    "displayname": folded("display_name_key", is_required=True),
    "members": MembershipOf("group", "user"),
    "members.value": MembershipOf("group", "user"),
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
