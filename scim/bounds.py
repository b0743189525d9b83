"""How much one resource may hold, where the product itself sets no limit. Pure.

A document is kept whole, read whole and compared whole: what nobody would write by
hand may not make it large.
"""

from __future__ import annotations

from chatwork_admin.synchronization.attributes import LIMITS
from scim.schemas import Attribute, Attributes, Document, InvalidAttribute, Type

MAX_TEXT = 1024  # characters
MAX_CERTIFICATE = 64 * 1024  # characters of base64
MAX_VALUES = 100  # of a multi-valued attribute
UNBOUNDED = {"members"}  # but for the size of a body


def require(attributes: Attributes, document: Document, prefix: str = "") -> None:
    """Raise InvalidAttribute if a value is longer, or a list has more, than is kept."""
    for name, value in document.items():
        attribute = attributes.get(name.lower())
        if attribute is None or name in LIMITS or name in UNBOUNDED:
            continue
        _require(attribute, value, prefix + name)


def _require(attribute: Attribute, value: object, path: str) -> None:
    if isinstance(value, str):
        limit = MAX_CERTIFICATE if attribute.type is Type.binary else MAX_TEXT
        if len(value) > limit:
            raise InvalidAttribute(
                detail=f"{path} is {len(value)} characters; the limit is {limit}."
            )
    elif isinstance(value, list):
        if len(value) > MAX_VALUES:
            raise InvalidAttribute(
                detail=f"{path} has {len(value)} values; the limit is {MAX_VALUES}."
            )
        for entry in value:
            _require(attribute, entry, path)
    elif isinstance(value, dict):
        is_extension = ":" in path
        require(attribute.sub_attributes, value, "" if is_extension else f"{path}.")
