"""Whether a document already says everything as its schema does. Pure.

Most do. Reading such a one by scim2-models, with all that clients word otherwise, gives
it back as it is, and takes twenty times as long; a test holds the two together. What is
not plain is not wrong: it is read the long way, which corrects it or says what is wrong.
"""

from __future__ import annotations

from scim.documents.bounds import MAX_TEXT, MAX_VALUES
from scim.documents.schemas import Attribute, Attributes, Document, ResourceType, Type
from scim.documents.values import is_formed

UNASSIGNED: tuple[object, ...] = (None, [], {})


def saying(resource_type: ResourceType, body: Document) -> Document:
    """Return a document without what says nothing in it, as Entra's `roles` (row D1).

    That is whatever only we may say, and what is unassigned (RFC 7643 §2.2, §2.5). An
    object is no text, nor is an empty one.
    """
    attributes = resource_type.attributes
    return {
        name: value
        for name, value in body.items()
        if not _is_silent(attributes.get(name.lower()), name, value)
    }


def is_whole(resource_type: ResourceType, document: Document) -> bool:
    """Whether it is plain, and has what is required of a resource."""
    required = (document.get(name) for name in resource_type.required)
    is_there = all(
        each.strip() if isinstance(each, str) else each is not None for each in required
    )
    return is_there and is_plain(resource_type.attributes, document)


def is_plain(attributes: Attributes, document: Document) -> bool:
    for name, value in document.items():
        attribute = attributes.get(name.lower())
        if attribute is None or attribute.name != name or attribute.is_read_only:
            return False
        if not _is_value(attribute, value):
            return False
    return True


def _is_silent(attribute: Attribute | None, name: str, value: object) -> bool:
    if attribute is None or attribute.name != name:
        return False
    if attribute.is_read_only or value not in UNASSIGNED:
        return attribute.is_read_only
    return value != {} or attribute.type is Type.complex


def _is_value(attribute: Attribute, value: object) -> bool:
    if not attribute.is_multi_valued:
        return _is_single(attribute, value)
    if not isinstance(value, list) or not 0 < len(value) <= MAX_VALUES:
        return False
    if not _have_values(value) or not _are_apart(value):
        return False
    return all(_is_single(attribute, each) for each in value)


def _is_single(attribute: Attribute, value: object) -> bool:
    if attribute.type is Type.complex:
        if not isinstance(value, dict) or not value:
            return False
        return is_plain(attribute.sub_attributes, value)
    if attribute.type is Type.boolean:
        return isinstance(value, bool)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        return False
    return attribute.type is Type.string or is_formed(attribute, value)


def _have_values(entries: list[object]) -> bool:
    return all(isinstance(each, dict) and "value" in each for each in entries)


def _are_apart(entries: list[Document]) -> bool:
    """Whether none has another's type and value, and at most one is primary."""
    if len(entries) == 1:
        return True
    named = {(str(each.get("type")).lower(), str(each["value"])) for each in entries}
    primary = sum(each.get("primary") is True for each in entries)
    return len(named) == len(entries) and primary <= 1
