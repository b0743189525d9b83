"""PATCH (RFC 7644 §3.5.2) as pure functions: a document and operations, a document.

scim2-models' PatchOp applies what `scim.documents.operations` read, one operation at a time, so
that each may have its own tolerance and an error can name it.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidValueException,
    NoTargetException,
    PatchOp,
    Resource,
    SCIMException,
    ScimPolicy,
)
from scim2_models.path import (
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    Path,
)

from scim.documents import assignments, bounds, budget, plain, resources, values
from scim.documents.member_changes import MemberChange, Selection, combined
from scim.documents.operations import Operation, naming
from scim.documents.paths import Target, equality
from scim.documents.schemas import GROUP_TYPE, USER_TYPE, Document, ResourceType

STRICT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
)
CREATING = STRICT.model_copy(
    update={"unmatched_path_filter": ScimPolicy.UnmatchedPathFilter.create}
)
PATCH_OP = str(PatchOp.__schema__)


def patch_user(document: Document, operations: list[Operation]) -> Document:
    """Apply operations to a User: all or, raising what §3.12 words, none (F26)."""
    return _patched(USER_TYPE, document, operations)


def patch_group(
    document: Document, operations: list[Operation], select: Selection
) -> tuple[Document, MemberChange]:
    """Apply operations to a Group; those on members come to one change (H4-H10).

    `select`: which of the members, and of who is joining, a filter means.
    """
    of_members = [each for each in operations if is_of_members(each)]
    others = [each for each in operations if not is_of_members(each)]
    change = combined(of_members, select)
    return _patched(GROUP_TYPE, document, others), change


def named_members(
    operations: list[Operation],
) -> tuple[list[Document], list[Document]]:
    """Return the entries that operations on members list to join, and to leave."""
    joining, leaving = (
        [
            entry
            for each in operations
            if (each.op == "remove") == leaves
            for entry in each.entries
        ]
        for leaves in (False, True)
    )
    return joining, leaving


def is_of_members(operation: Operation) -> bool:
    return operation.target.attribute.name == "members"


def _patched(
    resource_type: ResourceType, document: Document, operations: list[Operation]
) -> Document:
    assigned, others = assignments.split(operations)
    after = assignments.assign(document, assigned)
    if others or not plain.is_whole(resource_type, after):
        after = _applied(resource_type, after, others)
    bounds.require_small(after, document)
    return after


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
    after = resources.dump(resource_type, resource)
    marking = after.keys() & {e.target.attribute.name for e in others if _marks(e)}
    return after | {name: _marked(document, after, name) for name in marking}


def _marks(operation: Operation) -> bool:
    """Whether an operation makes an entry the primary one."""
    said = [*operation.entries, _said_of_each(operation)]
    return any(each.get("primary") is True for each in said)


def _said_of_each(operation: Operation) -> Document:
    """Return what is said of every entry that a path means, if it is not a new one."""
    part, value = operation.target.sub_attribute, operation.value
    if part is not None:
        return {part.name: value}
    return value if isinstance(value, dict) else {}


def _marked(before: Document, after: Document, name: str) -> list[Document]:
    """Return a list with its primary entry as it was, if none took the mark with a value.

    An entry of nothing but labels is dropped (D3), when all others have lost theirs.
    """
    entries: list[Document] = after[name]
    was = [each for each in before.get(name, []) if each.get("primary") is True]
    if not was or any(each.get("primary") is True for each in entries):
        return entries
    return [was[0] if each == was[0] | {"primary": False} else each for each in entries]


def _require_bounded(document: Document, operations: list[Operation]) -> None:
    """Each term of an operation visits a list's entries: 1000 times 100 is a lot.

    Those that it brings itself are visited too, and so are those brought before it.
    """
    kept = {name: len(e) for name, e in document.items() if isinstance(e, list)}
    visits, sizes = 0, Counter(kept)
    for operation in operations:
        name, brought = operation.target.attribute.name, operation.brought
        visited = 1 + sizes[name] + brought
        visits += visited * max(1, operation.terms)
        if operation.is_of_whole_list:
            sizes[name] = 0
        sizes[name] += brought
    budget.require_few_visits(budget.spend("visits", visits))


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
    for _, together in groupby(operations, _company):
        _apply(resource_type, resource, list(together))


def _company(operation: Operation) -> tuple[bool, Operation | None]:
    """Return what is the same of operations that may be applied as one message."""
    is_alone = _said_of_each(operation).get("primary") is True
    return _describes_an_entry(operation), operation if is_alone else None


def _apply(
    resource_type: ResourceType, resource: Resource[Any], operations: list[Operation]
) -> None:
    """Apply operations that all describe an entry of their own, or all do not."""
    if _said_of_each(operations[0]).get("primary") is True:
        _require_one_marked(resource_type, resource, operations[0].target)
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


def _require_one_marked(
    resource_type: ResourceType, resource: Resource[Any], target: Target
) -> None:
    """RFC 7643 §2.4: one value is primary. The library would let the last be it."""
    path = Path.__class_getitem__(resource_type.model)(target.path)
    meant = path.get(resource, strict=False)
    if isinstance(meant, list) and (target.filter or target.sub_attribute):
        values.require_one_primary(target.attribute, [{"primary": True} for _ in meant])


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
    terms = [equality(node) for node in _conjunction(operation.target.filter)]
    return bool(terms) and all(
        (name == "type" and str(value).lower() in canonical_values)
        or (name == "primary" and value is True)
        for name, value in terms
    )


def _conjunction(node: FilterNode | None) -> tuple[FilterNode, ...]:
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        return node.terms
    return () if node is None else (node,)
