"""What the path of an operation names (RFC 7644 §3.5.2). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scim2_models import Path
from scim2_models.path import AttributeBinding, FilterNode, ValuePath

from scim import dialects
from scim.schemas import ENTERPRISE_USER, Attribute, ResourceType

COMMON_LENGTH = 200  # characters; longer paths are read each time


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names: an attribute, or a sub-attribute or entries of it."""

    path: str
    attribute: Attribute
    sub_attribute: Attribute | None = None
    filter: FilterNode | None = None

    @property
    def is_read_only(self) -> bool:
        part = self.sub_attribute or self.attribute
        return self.attribute.is_read_only or part.is_read_only

    @property
    def is_required(self) -> bool:
        return self.attribute.is_required and self.sub_attribute is None

    def read(self, value: object, ignored: list[str]) -> object:
        if self.sub_attribute is not None:
            return dialects.read_value(self.sub_attribute, value, ignored)
        if self.filter is None:
            return dialects.read_value(self.attribute, value, ignored)
        entry = dialects.entra_list_on_single_valued(value)
        return dialects.read_single(self.attribute, entry, ignored)


def target(resource_type: ResourceType, text: str) -> Target | None:
    """Return what a path names; None if that is nothing here.

    Clients write few different paths, and write them often: they are read once. Raises
    InvalidPathException.
    """
    read = _remembered if len(text) <= COMMON_LENGTH else _target
    return read(resource_type, text)


def is_schema(resource_type: ResourceType, text: str) -> bool:
    name = text.lower()
    return name == resource_type.schema.lower() or (
        name == ENTERPRISE_USER.lower() and name in resource_type.attributes
    )


def _target(resource_type: ResourceType, text: str) -> Target | None:
    attributes = resource_type.attributes
    text = dialects.entra_dotted_extension_path(text)
    if ENTERPRISE_USER.lower() in attributes:
        text = dialects.entra_bare_extension_attribute(text)
    if "[" in text:
        text = dialects.unquoted_literals(text)  # E10
    path = Path.__class_getitem__(resource_type.model)(text)
    if is_schema(resource_type, text) and text.lower() in attributes:
        return Target(text, attributes[text.lower()])
    binding = path.resolve()
    return None if binding is None else _bound(resource_type, path, binding)


_remembered = lru_cache(maxsize=1024)(_target)


def _bound(
    resource_type: ResourceType, path: Path[Any], binding: AttributeBinding
) -> Target | None:
    schema = str(binding.model.__schema__)  # type: ignore[attr-defined]
    names = binding.urn[len(schema) + 1 :].lower().split(".")
    attributes = resource_type.attributes
    if schema == ENTERPRISE_USER:
        attributes = attributes[schema.lower()].sub_attributes
    attribute = attributes.get(names[0])
    if attribute is None:  # an extension's own `schemas`
        return None
    part = attribute.sub_attributes.get(names[-1]) if names[1:] else None
    node = path.ast
    if isinstance(node, ValuePath):
        node = dialects.entra_text_boolean_in_path(attribute, node)
        return Target(str(node), attribute, part, node.val_filter)
    return Target(str(path), attribute, part, path.value_filter)
