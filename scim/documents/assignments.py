"""Operations that only give a single-valued attribute its value, or take it. Pure.

They are most of what clients send, never fail, and touch nothing but their attribute:
so they are done on the document itself, and it is read as a resource once for all.
"""

from __future__ import annotations

from scim.documents.operations import Operation
from scim.documents.schemas import (
    ENTERPRISE,
    ENTERPRISE_USER,
    EXTENSION,
    Document,
    Type,
)


def split(operations: list[Operation]) -> tuple[list[Operation], list[Operation]]:
    """Return assignments, and the others.

    An operation on an attribute that others change in another way is one of those, so
    that the order between them is kept.
    """
    others = {_touched(each) for each in operations if not _is_assignment(each)}
    if ENTERPRISE.name in others:  # a whole extension is all of its attributes
        others |= {each.name for each in EXTENSION.values()}
    assigned = [each for each in operations if _touched(each) not in others]
    return assigned, [each for each in operations if _touched(each) in others]


def assign(document: Document, assignments: list[Operation]) -> Document:
    """Return a document with what the assignments say."""
    changed = dict(document)
    for operation in assignments:
        attribute = operation.target.attribute
        holder, part = changed, attribute
        if EXTENSION.get(attribute.name.lower()) is attribute:
            holder = _opened(holder, ENTERPRISE_USER)
        if operation.target.sub_attribute is not None:
            holder, part = (
                _opened(holder, attribute.name),
                operation.target.sub_attribute,
            )
        holder.pop(part.name, None)
        if operation.op != "remove":
            holder[part.name] = operation.value
    return changed


def _touched(operation: Operation) -> str:
    return operation.target.attribute.name


def _is_assignment(operation: Operation) -> bool:
    target = operation.target
    part = target.sub_attribute or target.attribute
    is_single = not target.attribute.is_multi_valued and target.filter is None
    if not is_single or part.type is Type.complex:
        return False
    if operation.op == "remove":
        return not target.is_required
    return isinstance(operation.value, bool if part.type is Type.boolean else str)


def _opened(holder: Document, name: str) -> Document:
    """Return what a document holds by a name as a copy that may be changed."""
    opened: Document = dict(holder.get(name) or {})
    holder[name] = opened
    return opened
