"""A SCIM filter (RFC 7644 §3.4.2.2) as a condition on an organization's rows.

scim2-models owns the grammar; `scim.conditions` says what may be compared, and how. An
attribute that is not there makes the filter invalid: a client that matches by a filter
must never be shown everybody (E11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

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

from scim.comparisons import PRESENT, Condition, Entries
from scim.conditions import GROUP_CONDITIONS, USER_CONDITIONS
from scim.dialects import entra_dotted_extension_path, unquoted_literals
from scim.schemas import ENTERPRISE_USER, GROUP, USER

MAX_LENGTH = 4096  # characters
MAX_TERMS = 50
MAX_DEPTH = 10
CONNECTION_TEST = re.compile(
    r'\s*userName\s+eq\s+"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\s*', re.IGNORECASE
)


def user_condition(expression: str) -> Q:
    """Return which users a filter means. Raises InvalidFilterException."""
    return _condition(expression, USER, USER_CONDITIONS)


def group_condition(expression: str) -> Q:
    """Return which groups a filter means. Raises InvalidFilterException."""
    return _condition(expression, GROUP, GROUP_CONDITIONS)


def is_connection_test(expression: str) -> bool:
    """Whether this is how Entra tests a connection: a login e-mail nobody has (E3)."""
    return CONNECTION_TEST.fullmatch(expression) is not None


def _condition(expression: str, schema: str, conditions: Mapping[str, Condition]) -> Q:
    if len(expression) > MAX_LENGTH:
        raise InvalidFilterException(detail=f"The limit is {MAX_LENGTH} characters")
    tree = ScimFilter(unquoted_literals(expression)).ast
    _require_small(tree)
    return _Compiler(conditions, f"{schema.lower()}:").visit(tree)


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
        raise InvalidFilterException(detail="A literal holds an impossible character")


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


class _Compiler(FilterVisitor[Q]):
    def __init__(self, conditions: Mapping[str, Condition], prefix: str = "") -> None:
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
            return condition.having(_Compiler(condition.entry).visit(inner))
        if isinstance(inner, Comparison) and str(inner.attr_path).lower() == "value":
            return self._compared(node.attr_path, inner.op.value, inner.value)
        raise InvalidFilterException(detail=f'"{node.attr_path}" is selected by value')

    def _compared(self, path: AttrPath, operation: str, value: object) -> Q:
        condition = self._condition(path)
        try:
            _require_storable(value)
            return condition(operation, value)
        except InvalidFilterException as error:
            raise InvalidFilterException(detail=f'"{path}": {error}') from error

    def _condition(self, path: AttrPath) -> Condition:
        name = entra_dotted_extension_path(str(path)).lower().removeprefix(self.prefix)
        extended = f"{ENTERPRISE_USER.lower()}:{name}"  # F18: without its URN
        condition = self.conditions.get(name) or self.conditions.get(extended)
        if condition is None:
            raise InvalidFilterException(detail=f'"{path}" cannot be filtered by')
        return condition
