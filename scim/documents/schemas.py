"""The schemas this service provider honours, and what each attribute is (RFC 7643).

The advertised schemas and the models that read documents come from one source, so what
`/Schemas` says is what is kept. Values are kept as they were sent (Entra asks for it:
never re-format), therefore the models read e-mail addresses, URLs and certificates as
plain text: the library's own types lower-case a domain, refuse `a..b@docomo.ne.jp`,
re-spell `Work` and re-wrap base64.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import scim2_models
from scim2_models import (
    CaseExact,
    Extension,
    InvalidValueException,
    Mutability,
    Required,
    Resource,
    Returned,
    Schema,
    Uniqueness,
)
from scim2_models.resources import schema as schemas

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"

Document = dict[str, Any]
Type = schemas.Attribute.Type


class InvalidAttribute(InvalidValueException):
    """A value that its attribute cannot have: the text names both (CW-USER-7)."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a schema says of an attribute. Names, as keys, are in lower case (§2.1).

    `path`: as errors name it (RFC 7644 §3.10).
    """

    name: str
    path: str
    type: Type = Type.string
    is_multi_valued: bool = False
    is_required: bool = False
    is_read_only: bool = False
    is_case_exact: bool = False
    canonical_values: frozenset[str] = frozenset()
    sub_attributes: Mapping[str, Attribute] = field(default_factory=dict)


Attributes = Mapping[str, Attribute]


def _user_schema() -> Schema:
    """User without `password`, which is never kept: people sign in through SAML."""
    schema = scim2_models.User.to_schema()
    schema.description = "User Account"
    kept = [each for each in schema.attributes or [] if each.name != "password"]
    schema.attributes = [_external_id(), *kept]
    return schema


def _external_id() -> schemas.Attribute:
    """C3: Entra ID finds what it may map in schemas, this common attribute too (§3.1)."""
    return schemas.Attribute(
        name="externalId",
        type=Type.string,
        multi_valued=False,
        description="The resource's identifier at the provisioning client",
        required=Required.false,
        case_exact=CaseExact.true,
        mutability=Mutability.read_write,
        returned=Returned.default,
        uniqueness=Uniqueness.none,
    )


def _enterprise_user_schema() -> Schema:
    """The extension, where a manager may come as an id alone (§8.7.1).

    A manager's displayName, which is optional, is not looked up: so it is not promised.
    """
    schema = scim2_models.EnterpriseUser.to_schema()
    schema.description = "Enterprise User"
    for attribute in _every(schema.attributes):
        attribute.required = Required.false
    parts = schema["manager"].sub_attributes or []
    shown = [each for each in parts if each.name != "displayName"]
    schema["manager"].sub_attributes = shown
    return schema


def _group_schema() -> Schema:
    """Group, whose names are unique here (H2) and whose members show theirs (H13)."""
    schema = scim2_models.Group.to_schema()
    schema.description = "Group"
    schema["displayName"].uniqueness = Uniqueness.server
    for part in schema["members"].sub_attributes or []:
        if part.name == "display":
            part.mutability = Mutability.read_only
        if part.name == "type":
            part.canonical_values = ["User"]  # H15: groups are not nested
        if part.name == "$ref":
            part.reference_types = ["User"]
    schema.attributes = [_external_id(), *(schema.attributes or [])]
    return schema


def _every(attributes: list[schemas.Attribute] | None) -> Iterator[schemas.Attribute]:
    for attribute in attributes or []:
        yield attribute
        yield from _every(attribute.sub_attributes)


def _as_sent(schema: Schema) -> Schema:
    """Return the schema by which documents are read: every text is plain text."""
    lenient = schema.model_copy(deep=True)
    for attribute in _every(lenient.attributes):
        if attribute.type in {Type.binary, Type.reference}:
            attribute.type = Type.string
    return lenient


def _attributes(
    described: list[schemas.Attribute] | None, above: str = ""
) -> Attributes:
    return {str(each.name).lower(): _attribute(each, above) for each in described or []}


def _attribute(described: schemas.Attribute, above: str) -> Attribute:
    values, path = described.canonical_values or [], f"{above}{described.name}"
    return Attribute(
        name=str(described.name),
        path=path,
        type=described.type or Type.string,
        is_multi_valued=bool(described.multi_valued),
        is_required=bool(described.required),
        is_read_only=described.mutability == Mutability.read_only,
        is_case_exact=bool(described.case_exact),
        canonical_values=frozenset(value.lower() for value in values),
        sub_attributes=_attributes(described.sub_attributes, f"{path}."),
    )


USER_SCHEMA = _user_schema()
ENTERPRISE_USER_SCHEMA = _enterprise_user_schema()
GROUP_SCHEMA = _group_schema()

# §3.1: common attributes belong to every resource and to no schema.
COMMON: Attributes = {
    "schemas": Attribute("schemas", "schemas", is_multi_valued=True, is_read_only=True),
    "id": Attribute("id", "id", is_read_only=True, is_case_exact=True),
    "externalid": Attribute("externalId", "externalId", is_case_exact=True),
    "meta": Attribute("meta", "meta", Type.complex, is_read_only=True),
}
CORE_USER = {**COMMON, **_attributes(USER_SCHEMA.attributes)}
EXTENSION = _attributes(ENTERPRISE_USER_SCHEMA.attributes, f"{ENTERPRISE_USER}:")
ENTERPRISE = Attribute(
    ENTERPRISE_USER, ENTERPRISE_USER, Type.complex, sub_attributes=EXTENSION
)
USER_ATTRIBUTES: Attributes = {**CORE_USER, ENTERPRISE_USER.lower(): ENTERPRISE}
GROUP_ATTRIBUTES: Attributes = {**COMMON, **_attributes(GROUP_SCHEMA.attributes)}


def _spellings(attributes: Attributes) -> dict[str, str]:
    """Return the names of attributes, and of their parts, as the schemas have them."""
    found = {name: each.name for name, each in attributes.items()}
    for each in attributes.values():
        found |= _spellings(each.sub_attributes)
    return found


SPELLINGS = _spellings({**USER_ATTRIBUTES, **GROUP_ATTRIBUTES})


def spelt(path: str) -> str:
    """Return a path in lower case, without a URN, as the schemas spell its names."""
    return ".".join(SPELLINGS.get(name, name) for name in path.split("."))


@dataclass(frozen=True, slots=True, eq=False)
class ResourceType:
    """A kind of resource (§6): its schema, its attributes, the model that reads it."""

    name: str
    schema: str
    attributes: Attributes
    model: type[Resource[Any]]

    @property
    def required(self) -> list[str]:
        return [each.name for each in self.attributes.values() if each.is_required]


_EnterpriseUser = Extension.from_schema(_as_sent(ENTERPRISE_USER_SCHEMA))
_User = Resource.from_schema(_as_sent(USER_SCHEMA))
_USER_MODEL = _User.__class_getitem__(_EnterpriseUser)
_GROUP_MODEL = Resource.from_schema(_as_sent(GROUP_SCHEMA))

USER_TYPE = ResourceType("User", USER, USER_ATTRIBUTES, _USER_MODEL)
GROUP_TYPE = ResourceType("Group", GROUP, GROUP_ATTRIBUTES, _GROUP_MODEL)
