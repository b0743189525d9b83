"""What is answered before Django is asked: a statement, and what its rows come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Headers = list[tuple[str, str]]
Answer = tuple[Headers, str]
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """A statement whose first column says whose organization asks.

    `said`: its parameters but `digest`, the token's. `answer`: what its rows come to;
    None for what is decided elsewhere.
    """

    statement: str
    said: dict[str, Any]
    answer: Callable[[Rows], Answer | None]
