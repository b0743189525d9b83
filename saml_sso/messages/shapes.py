"""Say which elements, attributes and texts a message may consist of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shape:
    """What one element may have: these attributes, and either text or these children."""

    attributes: frozenset[str] = frozenset()
    children: Mapping[str, Child] = field(default_factory=dict)
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Child:
    """How often it may stand in its parent; `most` None: as often as it likes."""

    shape: Shape
    least: int
    most: int | None


def text(attributes: str = "") -> Shape:
    return Shape(frozenset(attributes.split()), is_text=True)


def element(attributes: str, children: Mapping[str, Child] | None = None) -> Shape:
    return Shape(frozenset(attributes.split()), children or {})


def one(shape: Shape) -> Child:
    return Child(shape, 1, 1)


def optional(shape: Shape) -> Child:
    return Child(shape, 0, 1)


def some(shape: Shape) -> Child:
    return Child(shape, 1, None)


def any_number(shape: Shape) -> Child:
    return Child(shape, 0, None)
