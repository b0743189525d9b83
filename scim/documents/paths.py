"""What the path of an operation names (RFC 7644 §3.5.2). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scim2_models import InvalidFilterException, InvalidPathException, Path
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    Not,
    Present,
    ValuePath,
)

from scim.documents import dialects
from scim.documents.schemas import ENTERPRISE_USER, Attribute, ResourceType, Type

EXAMPLE = 'write it as in name.givenName or emails[type eq "work"].value'
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
    InvalidPathException, InvalidFilterException.
    """
    read = _remembered if len(text) <= COMMON_LENGTH else _target
    return read(resource_type, text)


def equality(node: FilterNode) -> tuple[str, object]:
    """Return what a filter says is equal to what; "" for any other filter."""
    if isinstance(node, Comparison) and node.op == CompareOperator.eq:
        return str(node.attr_path).lower(), node.value
    return "", None


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
    if is_schema(resource_type, text) and text.lower() in attributes:
        return Target(text, attributes[text.lower()])
    path = _parsed(resource_type, text)
    node = path.ast
    if isinstance(node, ValuePath) and not _selects(resource_type, node):
        return None
    binding = path.resolve()
    return None if binding is None else _bound(resource_type, path, binding)


def _parsed(resource_type: ResourceType, text: str) -> Path[Any]:
    try:
        path: Path[Any] = Path.__class_getitem__(resource_type.model)(text)
    except InvalidPathException as error:
        raise InvalidPathException(detail=f"{error}; {EXAMPLE}") from error
    if not isinstance(path.ast, AttrPath | ValuePath):
        raise InvalidPathException(detail=f"a filter goes in brackets; {EXAMPLE}")
    return path


def _selects(resource_type: ResourceType, node: ValuePath) -> bool:
    """Whether a path with a filter names something here. Raises what is wrong with it."""
    named = target(resource_type, str(node.attr_path))
    if named is None:
        return False
    attribute = named.attribute
    if not attribute.is_multi_valued or named.sub_attribute is not None:
        raise InvalidPathException(
            detail=f'{node.attr_path} has one value; name it without "[…]"'
        )
    node = dialects.entra_text_boolean_in_path(attribute, node)
    _require_filter(attribute, node.val_filter)
    return not node.sub_attr or node.sub_attr.lower() in attribute.sub_attributes


def _require_filter(attribute: Attribute, node: FilterNode) -> None:
    """Raise InvalidFilterException unless a filter compares what entries have."""
    match node:
        case LogicalExpr():
            for term in node.terms:
                _require_filter(attribute, term)
        case Not():
            _require_filter(attribute, node.expr)
        case Comparison():
            _require_comparable(_part(attribute, node.attr_path), node)
        case Present():
            _part(attribute, node.attr_path)


def _part(attribute: Attribute, name: AttrPath) -> Attribute:
    part = attribute.sub_attributes.get(str(name).lower())
    if part is None:
        known = ", ".join(each.name for each in attribute.sub_attributes.values())
        raise InvalidFilterException(
            detail=f'{attribute.path} has no "{name}"; filter by {known}'
        )
    return part


def _require_comparable(part: Attribute, node: Comparison) -> None:
    is_boolean = part.type is Type.boolean
    if is_boolean and node.op not in {CompareOperator.eq, CompareOperator.ne}:
        raise InvalidFilterException(detail=f"{part.path} is compared by eq or ne")
    if not is_boolean and not isinstance(node.value, str | None):
        raise InvalidFilterException(
            detail=f'{part.path} is compared with a text, as in {part.name} eq "x"'
        )


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
