"""By which attributes filters find users and groups, and how each is compared.

Columns serve what clients match by, from an index; the rest of a document is compared
where it is kept. Keys are attribute paths in lower case, below the URN of an extension.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import Expression
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from scim.comparisons import (
    Condition,
    Entries,
    boolean,
    case_exact,
    folded,
    ignoring_case,
    instant,
    membership,
    own_id,
)
from scim.schemas import (
    CORE_USER,
    ENTERPRISE_USER,
    EXTENSION,
    Attribute,
    Attributes,
    Type,
)


def _kept(attribute: Attribute, stored: Expression) -> Condition:
    text = Coalesce(stored, Value(""), output_field=TextField())
    if attribute.type is Type.boolean:
        return boolean(text, as_text=True)
    return case_exact(text) if attribute.is_case_exact else ignoring_case(text)


def _conditions(
    attributes: Attributes, holder: str | KeyTransform
) -> dict[str, Condition]:
    """Return the conditions on what a document says, by path."""
    found: dict[str, Condition] = {}
    for name, attribute in attributes.items():
        parts = attribute.sub_attributes
        if attribute.is_multi_valued and parts:
            entries = Entries(
                attribute.name,
                {key: _kept(part, _entry(part)) for key, part in parts.items()},
            )
            found[name] = entries
            found |= {f"{name}.{key}": entries.part(key) for key in parts}
        elif attribute.type is Type.complex:
            below = _conditions(parts, KeyTransform(attribute.name, holder))
            found |= {f"{name}.{key}": condition for key, condition in below.items()}
            if "value" in below:
                found[name] = below["value"]
        else:
            found[name] = _kept(attribute, KeyTextTransform(attribute.name, holder))
    return found


def _entry(part: Attribute) -> Expression:
    return Func(
        template="(entry ->> '%(name)s')", name=part.name, output_field=TextField()
    )


def _writable(attributes: Attributes) -> Attributes:
    return {name: each for name, each in attributes.items() if not each.is_read_only}


COMMON_CONDITIONS: dict[str, Condition] = {
    "id": own_id,
    "externalid": case_exact(F("external_id")),
    "meta.created": instant("created_at"),
    "meta.lastmodified": instant("changed_at"),
}
USER_CONDITIONS: Mapping[str, Condition] = {
    **_conditions(_writable(CORE_USER), "document"),
    **COMMON_CONDITIONS,
    "username": folded("user_name_key"),
    "active": boolean(F("is_active")),
    "title": ignoring_case(F("title")),
    "groups": membership("user", "group"),
    "groups.value": membership("user", "group"),
    **{
        f"{ENTERPRISE_USER.lower()}:{path}": condition
        for path, condition in {
            **_conditions(EXTENSION, KeyTransform(ENTERPRISE_USER, "document")),
            "department": ignoring_case(F("department")),
            "organization": ignoring_case(F("organization_name")),
            "employeenumber": ignoring_case(F("employee_number")),
        }.items()
    },
}
GROUP_CONDITIONS: Mapping[str, Condition] = {
    **COMMON_CONDITIONS,
    "displayname": folded("display_name_key"),
    "members": membership("group", "user"),
    "members.value": membership("group", "user"),
}
