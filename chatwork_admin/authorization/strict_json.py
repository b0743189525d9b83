"""JSON that means one thing only: what two readers could read differently is refused."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class Unreadable(Exception):
    """This is no JSON object, or one with a member given twice."""


def read_object(document: bytes) -> dict[str, Any]:
    """Return the object (RFC 8259). Raises Unreadable; NaN and Infinity are no JSON."""
    try:
        found = json.loads(
            document.decode(), object_pairs_hook=_unambiguous, parse_constant=_refuse
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(Unreadable.__doc__) from error
    if not isinstance(found, dict):
        raise Unreadable(Unreadable.__doc__)
    return found


def _unambiguous(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise Unreadable(Unreadable.__doc__)
    return found


def _refuse(constant: str) -> NoReturn:
    raise Unreadable(constant)
