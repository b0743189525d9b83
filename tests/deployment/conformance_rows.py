"""What a conformance table is made of: a row, and how well it is met."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Verdict(StrEnum):
    """`RULED`: done as a row says where authorities contradict each other.

    `NOT_OURS`: a fact about others, or a duty of whoever operates the product.
    """

    YES = "yes"
    RULED = "ruled"
    PARTLY = "partly"
    NO = "no"
    LATER = "later"
    NOT_OURS = "not ours"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the catalogue or a paragraph of an RFC, and how well it is met.

    `where` and `tests` name what the tree cannot tell: modules and tests that speak of
    it without naming it. Tests are written as pytest writes them: `file.py::test`.
    """

    name: str
    title: str
    verdict: Verdict = Verdict.YES
    because: str = ""
    where: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that one table shows. `note`: what to know before reading it."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""


def _row(
    verdict: Verdict,
    name: str,
    title: str,
    because: str = "",
    where: tuple[str, ...] = (),
    tests: tuple[str, ...] = (),
) -> Row:
    return Row(name, title, verdict, because, where, tests)


def yes(
    name: str, title: str, where: tuple[str, ...] = (), tests: tuple[str, ...] = ()
) -> Row:
    return Row(name, title, where=where, tests=tests)


ruled = partial(_row, Verdict.RULED)
partly = partial(_row, Verdict.PARTLY)
no = partial(_row, Verdict.NO)
later = partial(_row, Verdict.LATER)
not_ours = partial(_row, Verdict.NOT_OURS)
