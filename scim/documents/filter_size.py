"""How large a filter may be, whether it stands in a query or in the path of a PATCH. Pure."""

from __future__ import annotations

from scim.documents.dialects import COMPARISONS, FILTER_TOKEN

MAX_DEPTH = 10
OPENING, CLOSING = frozenset("(["), frozenset(")]")
TERMS = {"pr", *COMPARISONS}


def terms(text: str) -> int:
    """Count the comparisons in a filter, which need not be well-formed."""
    return sum(token.lower() in TERMS for token in FILTER_TOKEN.findall(text))


def depth(text: str) -> int:
    """Return how deep its parentheses and brackets nest."""
    level = deepest = 0
    for token in FILTER_TOKEN.findall(text):
        level += (token in OPENING) - (token in CLOSING)
        deepest = max(deepest, level)
    return deepest
