"""How much one resource may hold, where the product itself sets no limit. Pure.

A document is kept whole, read whole and compared whole: what nobody would write by
hand may not make it large.
"""

from __future__ import annotations

import orjson
from scim2_models import PayloadTooLargeException

from chatwork_admin.synchronization.attributes import LIMITS
from scim.documents.schemas import (
    Attribute,
    Attributes,
    Document,
    InvalidAttribute,
    Type,
)

MAX_TEXT = 1024  # characters
MAX_CERTIFICATE = 64 * 1024  # characters of base64
MAX_VALUES = 100  # of a multi-valued attribute
MAX_NAMES = 1000  # of attributes, and of what means nothing: each may have to be parsed
MAX_SIZE = 256 * 1024  # bytes of a document as JSON
UNBOUNDED = {"members"}  # but for the size of a body


def require(attributes: Attributes, document: Document) -> None:
    """Raise InvalidAttribute if a value is longer, or a list has more, than is kept."""
    for name, value in document.items():
        attribute = attributes.get(name.lower())
        if attribute is None or name in LIMITS or name in UNBOUNDED:
            continue
        _require(attribute, value)


def require_few_names(names: int) -> None:
    """Raise PayloadTooLargeException if a resource says more names than are read."""
    if names > MAX_NAMES:
        raise PayloadTooLargeException(
            detail=f"The limit is {MAX_NAMES} attributes; send fewer"
        )


def require_small(document: Document, before: Document | None = None) -> None:
    """Raise PayloadTooLargeException if a document is larger than is kept.

    Whoever was larger `before` may still be changed, and deactivated above all.
    """
    size = _size(document)
    if size > MAX_SIZE and (before is None or _size(before) <= MAX_SIZE):
        raise PayloadTooLargeException(
            detail=f"The resource is {size} bytes as JSON; the limit is {MAX_SIZE}. "
            "Send fewer or shorter values"
        )


def _size(document: Document) -> int:
    return len(orjson.dumps(document))


def _require(attribute: Attribute, value: object) -> None:
    if isinstance(value, str):
        limit = MAX_CERTIFICATE if attribute.type is Type.binary else MAX_TEXT
        if len(value) > limit:
            raise InvalidAttribute(
                detail=f"{attribute.path} is {len(value)} characters; "
                f"the limit is {limit}. Shorten it."
            )
    elif isinstance(value, list):
        if len(value) > MAX_VALUES:
            raise InvalidAttribute(
                detail=f"{attribute.path} has {len(value)} values; "
                f"the limit is {MAX_VALUES}. Send fewer."
            )
        for entry in value:
            _require(attribute, entry)
    elif isinstance(value, dict):
        require(attribute.sub_attributes, value)
