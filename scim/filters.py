"""A SCIM filter (RFC 7644 §3.4.2.2) as a condition on an organization's rows.

scim2-models owns the grammar; `scim.conditions` says what may be compared, and how. An
attribute that is not there makes the filter invalid: a client that matches by a filter
must never be shown everybody (E11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from scim.comparisons import PRESENT, Access, Condition
from scim.conditions import Conditions
from scim.dialects import entra_dotted_extension_path, unquoted_literals
from scim.entries import Entries
from scim.schemas import ENTERPRISE_USER

MAX_LENGTH = 4096  # characters
MAX_TERMS = 50
MAX_DEPTH = 10
CONNECTION_TEST = re.compile(
    r'\s*userName\s+eq\s+"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\s*', re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a filter means, and how an index serves it, if any does."""

    condition: Q
    access: Access | None


def read(expression: str, schema: str, conditions: Conditions) -> Filter:
    """Read a filter on resources of a schema. Raises InvalidFilterException."""
    if len(expression) > MAX_LENGTH:
        raise InvalidFilterException(detail=f"The limit is {MAX_LENGTH} characters")
    tree = ScimFilter(unquoted_literals(expression)).ast
    _require_small(tree)
    compiler = _Compiler(conditions, f"{schema.lower()}:")
    return Filter(compiler.visit(tree), compiler.access(tree))


def find_condition(path: str, schema: str, conditions: Conditions) -> Condition | None:
    """Return what compares an attribute, however its path is written (F16, F18)."""
    prefix = f"{schema.lower()}:"
    name = entra_dotted_extension_path(path).lower().removeprefix(prefix)
    extended = f"{ENTERPRISE_USER.lower()}:{name}"  # F18: without its URN
    return conditions.get(name) or conditions.get(extended)


def is_connection_test(expression: str) -> bool:
    """Whether this is how Entra tests a connection: a login e-mail nobody has (E3)."""
    return CONNECTION_TEST.fullmatch(expression) is not None


def _require_small(tree: FilterNode) -> None:
    terms, level, depth = 0, [tree], 0
    while level:
        depth += 1
        terms += sum(isinstance(node, Comparison | Present) for node in level)
        level = [child for node in level for child in _children(node)]
    if terms > MAX_TERMS or depth > MAX_DEPTH:
        raise InvalidFilterException(
            detail=f"The limit is {MAX_TERMS} terms in {MAX_DEPTH} levels"
        )


def _require_storable(value: object) -> None:
    """A JSON escape can say what no stored text can hold."""
    text = str(value)
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidFilterException(detail="a literal holds an impossible character")


def _children(node: FilterNode) -> tuple[FilterNode, ...]:
    match node:
        case LogicalExpr():
            return node.terms
        case Not():
            return (node.expr,)
        case ValuePath():
            return (node.val_filter,)
        case _:
            return ()


def _conjuncts(node: FilterNode) -> Iterator[FilterNode]:
    """Yield the terms that must all hold."""
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
        for term in node.terms:
            yield from _conjuncts(term)
    else:
        yield node


def _values(node: ValuePath) -> list[object]:
    """Return which values one entry must have."""
    return [
        term.value
        for term in _conjuncts(node.val_filter)
        if isinstance(term, Comparison)
        and (str(term.attr_path).lower(), term.op.value) == ("value", "eq")
    ]


class _Compiler(FilterVisitor[Q]):
    def __init__(self, conditions: Conditions, prefix: str = "") -> None:
        self.conditions, self.prefix = conditions, prefix

    def visit_comparison(self, node: Comparison) -> Q:
        return self._compared(node.attr_path, node.op.value, node.value)

    def visit_present(self, node: Present) -> Q:
        return self._compared(node.attr_path, PRESENT, None)

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        connector = Q.AND if node.op == LogicalOperator.and_ else Q.OR
        return Q(*map(self.visit, node.terms), _connector=connector)

    def visit_value_path(self, node: ValuePath) -> Q:
        condition, inner = self._condition(node.attr_path), node.val_filter
        if isinstance(condition, Entries):
            found = condition.having(_Compiler(condition.entry).visit(inner))
            access = self._access(node)
            return found & access.subset if access else found
        if isinstance(inner, Comparison) and str(inner.attr_path).lower() == "value":
            return self._compared(node.attr_path, inner.op.value, inner.value)
        raise InvalidFilterException(detail=f'"{node.attr_path}" is selected by value')

    def access(self, tree: FilterNode) -> Access | None:
        """Return the best way to the rows of a filter that was visited before."""
        ways = [self._access(term) for term in _conjuncts(tree)]
        known = [way for way in ways if way]
        return min(known, key=lambda way: way.route) if known else None

    def _access(self, node: FilterNode) -> Access | None:
        match node:
            case Comparison():
                condition = self._condition(node.attr_path)
                return condition.access(node.op.value, node.value)
            case ValuePath():
                condition = self._condition(node.attr_path)
                ways = (condition.access("eq", value) for value in _values(node))
                return next((way for way in ways if way), None)
            case _:
                return None

    def _compared(self, path: AttrPath, operation: str, value: object) -> Q:
        condition = self._condition(path)
        try:
            _require_storable(value)
            return condition(operation, value)
        except InvalidFilterException as error:
            raise InvalidFilterException(detail=f'"{path}": {error}') from error

    def _condition(self, path: AttrPath) -> Condition:
        schema = self.prefix.removesuffix(":")
        condition = find_condition(str(path), schema, self.conditions)
        if condition is None:
            raise InvalidFilterException(detail=self._unknown(path))
        return condition

    def _unknown(self, path: AttrPath) -> str:
        below = [
            each for each in self.conditions if each.startswith(f"{path}.".lower())
        ]
        expected = ", ".join(below[:3]) or (
            "an attribute of /Schemas, such as externalId"
            if self.prefix
            else " or ".join(self.conditions)
        )
        return f'"{path}" cannot be filtered by; expected {expected}'
