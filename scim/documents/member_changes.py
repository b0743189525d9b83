"""What operations on a group's `members` come to (RFC 7644 §3.5.2; rows H4-H10). Pure.

A group's document does not hold its members: operations on them come to one change.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from scim2_models import (
    InvalidValueException,
    MutabilityException,
    NoTargetException,
    PayloadTooLargeException,
)
from scim2_models.path import FilterNode, LogicalExpr, LogicalOperator

from scim.documents import budget, filter_size, resources
from scim.documents.operations import Operation, naming
from scim.documents.paths import equality

MAX_SEARCHES = 20  # in one request: each reads all members
MAX_SEARCHED_TERMS = 50  # in all of them
Ids = frozenset[uuid.UUID]


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a filter means: of the members, and of who has been one and is deleted."""

    present: Ids = frozenset()
    deleted: Ids = frozenset()


Selection = Callable[[FilterNode, Ids], Meant]  # of the members, and of others


@dataclass(frozen=True, slots=True)
class MemberChange:
    """What operations on `members` come to. `replaces`: who is not `joining` leaves."""

    joining: Ids = frozenset()
    leaving: Ids = frozenset()
    replaces: bool = False

    def with_(self, ids: Ids) -> MemberChange:
        return replace(self, joining=self.joining | ids, leaving=self.leaving - ids)

    def without(self, ids: Ids) -> MemberChange:
        return replace(self, joining=self.joining - ids, leaving=self.leaving | ids)

    def present_of(self, ids: Ids) -> Ids:
        """Return those of members, and of who is joining, that are there after this."""
        return ids & self.joining if self.replaces else ids - self.leaving


def combined(operations: list[Operation], select: Selection) -> MemberChange:
    """Return what operations on `members` come to, in their order.

    Raises InvalidValueException, MutabilityException, NoTargetException, what `select`
    raises and, where it would be asked too often, PayloadTooLargeException.
    """
    _require_few_searches([each.target.path for each in filter(searches, operations)])
    change = MemberChange()
    for operation in operations:
        with naming(operation.index, operation.target.path):
            change = _then(change, operation, select)
    return change


def _require_few_searches(paths: list[str]) -> None:
    searching = budget.spend("searches", len(paths))
    terms = budget.spend("searched terms", sum(map(filter_size.terms, paths)))
    if searching > MAX_SEARCHES or terms > MAX_SEARCHED_TERMS:
        raise PayloadTooLargeException(
            detail="Members are searched for by other attributes than value in at most "
            f"{MAX_SEARCHES} operations and {MAX_SEARCHED_TERMS} terms of a request. "
            "Send them in several"
        )


def searches(operation: Operation) -> bool:
    """Whether who is meant is to be searched for, by a filter of other attributes."""
    node = operation.target.filter
    return node is not None and (operation.op != "remove" or _ids(node) is None)


def _then(
    change: MemberChange, operation: Operation, select: Selection
) -> MemberChange:
    target = operation.target
    if target.sub_attribute is not None:  # RFC 7643 §4.2
        path = target.sub_attribute.path
        raise MutabilityException(detail=f"{path} is immutable; name the whole member")
    if target.filter is not None:
        return _filtered(change, operation, target.filter, select)
    named = _listed(operation)
    match operation.op:
        case "add":
            return change.with_(named)
        case "remove" if operation.entries:
            return change.without(named)
        case _:  # §3.5.2.2, H7: a removal that names nobody removes all
            return MemberChange(joining=named, replaces=True)


def _filtered(
    change: MemberChange, operation: Operation, node: FilterNode, select: Selection
) -> MemberChange:
    if operation.op == "add":
        raise MutabilityException(detail='Members are added by the path "members"')
    if not searches(operation):
        named = [{"value": each} for each in _ids(node) or ()]
        return change.without(resources.member_ids(named))
    meant = select(node, change.joining)
    found = change.present_of(meant.present)
    if operation.op == "replace" and not found:  # §3.5.2.3
        raise NoTargetException(detail="no member matches the filter; add it first")
    left = change.without(found | meant.deleted)
    return left.with_(_listed(operation)) if operation.op == "replace" else left


def _listed(operation: Operation) -> Ids:
    """Return the members a value lists; whoever means nobody must say so plainly."""
    value = operation.value
    listed = [value] if isinstance(value, dict) else value or []
    if not isinstance(listed, list) or not all(map(_names_somebody, listed)):
        raise InvalidValueException(detail='A member is an object with a "value"')
    return resources.member_ids(listed)


def _names_somebody(entry: object) -> bool:
    return isinstance(entry, dict) and bool(entry.get("value"))


def _ids(node: FilterNode) -> list[object] | None:
    """H6: the ids in `members[value eq "a" or value eq "b"]`; None for another filter."""
    if not isinstance(node, LogicalExpr) or node.op != LogicalOperator.or_:
        name, value = equality(node)
        return [value] if name == "value" else None
    listed = [_ids(term) for term in node.terms]
    return None if None in listed else [each for ids in listed for each in ids or ()]
