"""PATCH (RFC 7644 §3.5.2) as pure functions: a document and operations, a document.

scim2-models' PatchOp applies what `scim.operations` read, one operation at a time, so
that each may have its own tolerance and an error can name it.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidPathException,
    InvalidValueException,
    MutabilityException,
    NoTargetException,
    PatchOp,
    PayloadTooLargeException,
    Resource,
    SCIMException,
    ScimPolicy,
)
from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
)

from scim import assignments, plain, resources
from scim.operations import Operation, naming
from scim.schemas import GROUP_TYPE, USER_TYPE, Document, ResourceType

STRICT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
)
CREATING = STRICT.model_copy(
    update={"unmatched_path_filter": ScimPolicy.UnmatchedPathFilter.create}
)
MAX_VISITS = 5000  # about half a second
PATCH_OP = str(PatchOp.__schema__)


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What operations on `members` come to. `replaces`: who is not `joining` leaves."""

    joining: frozenset[uuid.UUID] = frozenset()
    leaving: frozenset[uuid.UUID] = frozenset()
    replaces: bool = False


def patch_user(document: Document, operations: list[Operation]) -> Document:
    """Apply operations to a User: all or, raising what §3.12 words, none (F26)."""
    return _patched(USER_TYPE, document, operations)


def patch_group(
    document: Document, operations: list[Operation]
) -> tuple[Document, MemberChange]:
    """Apply operations to a Group; those on members come to one change (H4-H10)."""
    change, others = MemberChange(), []
    for operation in operations:
        if operation.target.attribute.name != "members":
            others.append(operation)
            continue
        with naming(operation.index, operation.target.path):
            change = _then(change, operation)
    return _patched(GROUP_TYPE, document, others), change


def _patched(
    resource_type: ResourceType, document: Document, operations: list[Operation]
) -> Document:
    assigned, others = assignments.split(operations)
    document = assignments.assign(document, assigned)
    if not others and plain.is_whole(resource_type, document):
        return document
    return _applied(resource_type, document, others)


def _applied(
    resource_type: ResourceType, document: Document, others: list[Operation]
) -> Document:
    """Have scim2-models apply operations to a document."""
    _require_bounded(document, others)
    resource = resources.load(resource_type, document)
    try:
        _apply_all(resource_type, resource, others)
    except SCIMException:  # again from the beginning, to learn which one it was
        resource = resources.load(resource_type, document)
        apply_each(resource_type, resource, others)
    return resources.dump(resource_type, resource)


def _require_bounded(document: Document, operations: list[Operation]) -> None:
    """Each operation on a list visits its entries: a thousand times a hundred is a lot."""
    visits, sizes = 0, Counter[str]()
    for operation in operations:
        name = operation.target.attribute.name
        kept = document.get(name)
        if operation.op == "add":
            sizes[name] += len(operation.entries)
        visits += 1 + sizes[name] + (len(kept) if isinstance(kept, list) else 0)
    if visits > MAX_VISITS:
        raise PayloadTooLargeException(
            detail=f"The operations visit {visits} values of lists; the limit is "
            f"{MAX_VISITS}. Send them in several requests"
        )


def apply_each(
    resource_type: ResourceType, resource: Resource[Any], operations: list[Operation]
) -> None:
    for operation in operations:
        with naming(operation.index, operation.target.path):
            _apply(resource_type, resource, [operation])


def _apply_all(
    resource_type: ResourceType, resource: Resource[Any], operations: list[Operation]
) -> None:
    """Apply operations as few messages: each costs more than its operations do."""
    for _, together in groupby(operations, _describes_an_entry):
        _apply(resource_type, resource, list(together))


def _apply(
    resource_type: ResourceType, resource: Resource[Any], operations: list[Operation]
) -> None:
    """Apply operations that all describe an entry of their own, or all do not."""
    policy = CREATING if _describes_an_entry(operations[0]) else STRICT
    listed = [operation.document() for operation in operations]
    message = {"schemas": [PATCH_OP], "Operations": listed}
    try:
        PatchOp.__class_getitem__(resource_type.model).model_validate(
            message, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=policy
        ).patch(resource, scim_policy=policy)
    except ValidationError as error:
        raise resources.refusal(error) from error
    except SCIMException as error:
        raise _in_our_words(error, operations[0]) from error


def _in_our_words(error: SCIMException, operation: Operation) -> SCIMException:
    """Say what the library refuses by the attribute's own name, and what to do."""
    path = operation.target.attribute.path
    match error:
        case InvalidValueException():
            return resources.plainly(error, path)
        case NoTargetException():
            detail = f"no value of {path} matches the filter; add it first"
            return NoTargetException(detail=detail)
        case _:
            return error


def _describes_an_entry(operation: Operation) -> bool:
    """Whether the path's filter says enough to create the entry it does not find (F9).

    §3.5.2.3 wants noTarget. Entra, and Microsoft's tests on fresh users, want a new
    entry where the filter is a published type, `primary`, or both.
    """
    types = operation.target.attribute.sub_attributes.get("type")
    canonical_values = types.canonical_values if types else frozenset()
    terms = [_equality(node) for node in _conjunction(operation.target.filter)]
    return bool(terms) and all(
        (name == "type" and str(value).lower() in canonical_values)
        or (name == "primary" and value is True)
        for name, value in terms
    )


def _conjunction(node: FilterNode | None) -> tuple[FilterNode, ...]:
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        return node.terms
    return () if node is None else (node,)


def _equality(node: FilterNode) -> tuple[str, object]:
    if isinstance(node, Comparison) and node.op == CompareOperator.eq:
        return str(node.attr_path).lower(), node.value
    return "", None


def _then(change: MemberChange, operation: Operation) -> MemberChange:
    """Return what the earlier operations and this one come to, in this order."""
    named = _named(operation)
    match operation.op:
        case "add":
            return MemberChange(
                change.joining | named, change.leaving - named, change.replaces
            )
        case "remove" if operation.target.filter or operation.entries:
            return MemberChange(
                change.joining - named, change.leaving | named, change.replaces
            )
        case _:  # §3.5.2.2, H7: a removal that names nobody removes all
            return MemberChange(joining=named, replaces=True)


def _named(operation: Operation) -> frozenset[uuid.UUID]:
    selection = operation.target.filter
    if selection is None:
        return resources.member_ids(_listed(operation))
    if operation.op != "remove":
        raise MutabilityException(detail="Members are added or removed, not changed")
    return resources.member_ids([{"value": each} for each in _selected(selection)])


def _listed(operation: Operation) -> list[Document]:
    """Return the members a value lists; whoever means nobody must say so plainly."""
    if operation.target.sub_attribute is not None:
        raise InvalidPathException(detail='Members are named by "members" itself')
    listed = [] if operation.value is None else operation.value
    if not isinstance(listed, list) or not all(map(_names_somebody, listed)):
        raise InvalidValueException(detail='A member is an object with a "value"')
    return listed


def _names_somebody(entry: object) -> bool:
    return isinstance(entry, dict) and bool(entry.get("value"))


def _selected(node: FilterNode) -> list[object]:
    """H6: the ids in `members[value eq "a" or value eq "b"]`."""
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.or_:
        return [each for term in node.terms for each in _selected(term)]
    name, value = _equality(node)
    if name != "value":
        raise InvalidPathException(detail='Members are selected by [value eq "id"]')
    return [value]
