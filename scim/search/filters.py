"""A SCIM filter (RFC 7644 §3.4.2.2) as a condition on an organization's rows.

`scim.search.conditions` says what may be compared, and how. An attribute that is not there
makes the filter invalid: a client that matches by a filter must never be shown
everybody (E11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.models import BooleanField, Func, Q
from scim2_models import InvalidFilterException
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

from scim.documents.dialects import entra_dotted_extension_path
from scim.documents.schemas import ENTERPRISE_USER, spelt
from scim.search import syntax
from scim.search.comparisons import PRESENT, Access, Condition
from scim.search.conditions import Conditions
from scim.search.entries import Entries, any_of

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
    said = syntax.read(expression)
    compiler = _Compiler(conditions, iter(said.columns), f"{schema.lower()}:")
    return Filter(compiler.visit(said.tree), compiler.access(said.tree))


def condition(node: FilterNode, conditions: Conditions) -> Q:
    """Return what the filter of a path means. Raises InvalidFilterException."""
    return _Compiler(conditions, iter(())).visit(node)


def find_condition(path: str, schema: str, conditions: Conditions) -> Condition | None:
    """Return what compares an attribute, however its path is written (F16, F18)."""
    prefix = f"{schema.lower()}:"
    name = entra_dotted_extension_path(path).lower().removeprefix(prefix)
    extended = f"{ENTERPRISE_USER.lower()}:{name}"  # F18: without its URN
    return conditions.get(name) or conditions.get(extended)


def is_connection_test(expression: str) -> bool:
    """Whether this is how Entra tests a connection: a login e-mail nobody has (E3)."""
    return CONNECTION_TEST.fullmatch(expression) is not None


def _require_storable(value: object) -> None:
    """A JSON escape can say what no stored text can hold."""
    text = str(value)
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidFilterException(detail="no stored text holds such a character")


def _best(ways: list[Access | None]) -> Access | None:
    known = [way for way in ways if way]
    return min(known, key=lambda way: way.route) if known else None


class IsTrue(Func):
    """A condition as a whole: PostgreSQL looks for no index that serves parts of it."""

    template = "(%(expressions)s) IS TRUE"
    output_field = BooleanField()


class _Compiler(FilterVisitor[Q]):
    """`columns`: of the attributes, in the order in which they are visited."""

    def __init__(
        self, conditions: Conditions, columns: Iterator[int], prefix: str = ""
    ) -> None:
        self.conditions, self.columns, self.prefix = conditions, columns, prefix

    def visit_comparison(self, node: Comparison) -> Q:
        with self._located():
            return self._compared(node.attr_path, node.op.value, node.value)

    def visit_present(self, node: Present) -> Q:
        with self._located():
            return self._compared(node.attr_path, PRESENT, None)

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        connector = Q.AND if node.op == LogicalOperator.and_ else Q.OR
        found = Q(*map(self.visit, node.terms), _connector=connector)
        way = self.access(node) if connector == Q.OR else None
        return way.subset & Q(IsTrue(found)) if way else found

    def visit_value_path(self, node: ValuePath) -> Q:
        with self._located():
            condition = self._condition(node.attr_path)
            if not isinstance(condition, Entries):
                raise InvalidFilterException(
                    detail=f'"{node.attr_path}" has one value; expected no "["'
                )
        inner = _Compiler(condition.entry, self.columns).visit(node.val_filter)
        found, access = condition.having(inner), self.access(node)
        return access.subset & found if access else found

    def access(self, node: FilterNode) -> Access | None:
        """Return the best way to the rows of a filter that was visited before."""
        match node:
            case LogicalExpr():
                ways = [self.access(term) for term in node.terms]
                return _best(ways) if node.op == LogicalOperator.and_ else any_of(ways)
            case Comparison():
                condition = self._condition(node.attr_path)
                return condition.access(node.op.value, node.value)
            case ValuePath():
                return self._within(node).access(node.val_filter)
            case _:
                return None

    def _within(self, node: ValuePath) -> _Compiler:
        """Return what reads a filter on entries by what finds their holders."""
        entries = self._condition(node.attr_path)
        parts = entries.parts if isinstance(entries, Entries) else {}
        return _Compiler(parts, self.columns)

    def _compared(self, path: AttrPath, operation: str, value: object) -> Q:
        condition = self._condition(path)
        try:
            _require_storable(value)
            return condition(operation, value)
        except InvalidFilterException as error:
            raise InvalidFilterException(detail=f'"{path}": {error}') from error

    @contextmanager
    def _located(self) -> Iterator[None]:
        """Say in an error which column it is about."""
        column = next(self.columns, 1)
        try:
            yield
        except InvalidFilterException as error:
            raise InvalidFilterException(detail=f"column {column}: {error}") from error

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
        expected = ", ".join(map(spelt, below[:3])) or (
            "an attribute of /Schemas, such as externalId"
            if self.prefix
            else " or ".join(map(spelt, self.conditions))
        )
        return f'"{path}" cannot be filtered by; expected {expected}'
