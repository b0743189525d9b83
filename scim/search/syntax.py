"""The text of a filter (RFC 7644 §3.4.2.2): a tree, and in which column it says what.

scim2-models owns the grammar. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import FilterNode

from scim.documents import filter_size
from scim.documents.dialects import (
    COMPARISONS,
    FILTER_TOKEN,
    quoted_column,
    unquoted_literals,
)

MAX_LENGTH = 4096  # characters
MAX_TERMS = 50
KEYWORDS = {"and", "or", "not", *filter_size.TERMS}
EXPECTED = {  # by the names of the library's terminals
    "ATTR_PATH": "an attribute",
    "COMPARE_OP": 'an operator such as "eq"',
    "PR": '"pr"',
    "STRING": 'a value, as in "x"',
    "_LPAR": '"("',
    "_RPAR": '")"',
    "_LBRACKET": '"["',
    "_RBRACKET": '"]"',
    "_AND": '"and"',
    "_OR": '"or"',
    "_NOT": '"not"',
    "_DOT": '"."',
    "SUB_ATTR": "a sub-attribute",
    "$END": "the end",
}
COMPLETE = ("_AND", "_OR", "$END")  # what may follow, before a ")" that closes nothing


@dataclass(frozen=True, slots=True)
class Syntax:
    """A filter's tree. `columns`: of its attributes, from the left, counted from 1."""

    tree: FilterNode
    columns: tuple[int, ...]


def read(expression: str) -> Syntax:
    """Read a filter. Raises InvalidFilterException, which names the column."""
    if len(expression) > MAX_LENGTH:
        raise InvalidFilterException(
            detail=f"The limit is {MAX_LENGTH} characters; ask in several requests"
        )
    _require_small(expression)
    try:
        tree = ScimFilter(unquoted_literals(expression)).ast
    except InvalidFilterException as error:
        raise InvalidFilterException(detail=_fault(expression, error)) from error
    return Syntax(tree, tuple(_columns(expression)))


def _columns(expression: str) -> Iterator[int]:
    """Yield where attributes are: what is neither a word of filters nor compared."""
    before = ""
    for token in FILTER_TOKEN.finditer(expression):
        word = token[0].lower()
        is_name = word[0] not in '"()[]' and word not in KEYWORDS
        if is_name and before not in COMPARISONS:
            yield token.start() + 1 + word.startswith(".")  # `[…].value`
        before = word


def _require_small(expression: str) -> None:
    is_deep = filter_size.depth(expression) > filter_size.MAX_DEPTH
    if is_deep or filter_size.terms(expression) > MAX_TERMS:
        raise InvalidFilterException(
            detail=f"The limit is {MAX_TERMS} terms in {filter_size.MAX_DEPTH} levels of "
            "parentheses; ask in several requests"
        )


def _fault(expression: str, error: InvalidFilterException) -> str:
    """Say in which column what was expected."""
    cause = error.__cause__
    token = getattr(cause, "token", None)
    if getattr(token, "type", "") == "$END":
        column = len(expression) + 1
    elif known := getattr(cause, "column", None):
        column = quoted_column(expression, known)
    else:  # the library says it in words
        return str(error)
    expected = (
        getattr(cause, "accepts", None) or getattr(cause, "allowed", None) or COMPLETE
    )
    words = [text for name, text in EXPECTED.items() if name in expected]
    return f"column {column}: expected {', '.join(words) or 'something else'}"
