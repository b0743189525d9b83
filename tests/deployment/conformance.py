"""Writes docs/reference/scim-conformance.md: what is asked of us, and what proves it.

Titles and verdicts are kept by hand, in the tables beside this module. Where each is
met, and which test shows it, is read from the tree: see `conformance_evidence`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib.metadata import version

from tests.deployment import (
    conformance_changes,
    conformance_evidence,
    conformance_others,
    conformance_requests,
    conformance_rfc7643,
    conformance_rfc7644,
    conformance_rfcs,
    conformance_users,
)
from tests.deployment.conformance_evidence import Place
from tests.deployment.conformance_rows import Row, Section, Verdict

RFCS = (
    *conformance_rfc7643.SECTIONS,
    *conformance_rfc7644.SECTIONS,
    *conformance_rfcs.SECTIONS,
)
CATALOGUE = (
    *conformance_requests.SECTIONS,
    *conformance_users.SECTIONS,
    *conformance_changes.SECTIONS,
    *conformance_others.SECTIONS,
)
ROWS = {row.name: row for section in (*RFCS, *CATALOGUE) for row in section.rows}
ELSEWHERE = {f"B{number}" for number in range(8, 27)}  # one row stands for them

MOST_TESTS = 4
INTRODUCTION = """\
What the RFCs ask of a service provider, and what provisioning clients send in fact: whether it is
met, where, and which test shows it. Titles and verdicts are kept by hand; places and tests are read
from the code, which names rows. A test fails if a *yes* or *ruled* has no test, if a *no* or *later* has one, if
something is named that is not here, or if this page is not what the code says. A test that is
expected to fail counts for nothing.

| Verdict | Meaning |
|---|---|
| yes | met, and a test that names it shows it |
| ruled | an RFC and what clients send contradict each other; done as the named row says, and a test shows it |
| partly | met but for what is said |
| no | not met, for the reason given |
| later | belongs to a later version |
| not ours | a fact about others, a duty of whoever operates the product, or nothing that is asked |
"""
SUITE = """\
scim2-tester {version} runs with the tests (`tests/scim/test_conformance.py`), its checks unchanged:

- As it is, it names users by random texts, which Chatwork refuses: a userName is an e-mail address
  (CW-USER-4). It finds nothing else.
- Given addresses for userName, it finds one difference: after `add` and `replace` of a group's
  `members` it compares the members it wrote with those it reads, sub-attributes that are readOnly
  included. `display` is one (RFC 7643 §7: only we say it), and is in our answers since Microsoft's
  collection looks for it (row H13). So this is the suite's, and the test asserts that it is the only one.
"""
RFC_NOTE = """\
Paragraphs that ask nothing of a service provider (introductions, definitions, headings, registries)
are left out.
"""
CATALOGUE_NOTE = """\
Rows have a letter and a number, by which code and tests name them. They come from what Microsoft
documents and tests, from the RFCs, and from what clients have been seen to send.
"""
HEAD = "| | Asked | Met | Where | Tests |\n| --- | --- | --- | --- | --- |\n"


def page(generated: str) -> str:
    """Return the page; `generated` says that nobody should edit it."""
    return (
        f"# SCIM conformance\n\n{generated}\n{INTRODUCTION}\n{_tally()}\n"
        f"## A public suite\n\n{SUITE.format(version=version('scim2-tester'))}\n"
        f"## The RFCs\n\n{RFC_NOTE}\n{_sections(RFCS)}"
        f"## The catalogue\n\n{CATALOGUE_NOTE}\n{_sections(CATALOGUE)}"
    ).rstrip("\n") + "\n"


def places_of(row: Row) -> list[Place]:
    """Return where a row is met: what names it, and what is said by hand."""
    named = conformance_evidence.modules().get(row.name, set())
    return sorted(named | {Place(path) for path in row.where})


def tests_of(row: Row) -> list[Place]:
    """Return the tests of a row; whole modules only where no single test names it."""
    named = conformance_evidence.tests().get(row.name, set())
    single = {each for each in named if each.test or each.path.endswith(".json")}
    by_hand = {Place(*test.split("::")) for test in row.tests}
    return sorted((single or named) | by_hand)


def _tally() -> str:
    groups = {"RFCs": RFCS, "Catalogue": CATALOGUE}
    head = ["", *Verdict]
    lines = [head, ["---"] * len(head)]
    for name, sections in groups.items():
        counted = Counter(row.verdict for each in sections for row in each.rows)
        lines.append([name, *(str(counted[verdict]) for verdict in Verdict)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _sections(sections: Iterable[Section]) -> str:
    return "".join(map(_section, sections))


def _section(section: Section) -> str:
    note = f"{section.note}\n\n" if section.note else ""
    return f"### {section.title}\n\n{note}{HEAD}{''.join(map(_line, section.rows))}\n"


def _line(row: Row) -> str:
    met = f"**{row.verdict}**: {row.because}" if row.because else row.verdict
    number = row.name.rpartition(" ")[2]
    where = ", ".join(f"`{place.path}`" for place in places_of(row))
    cells = [number, row.title, met, where or "–", _tests(tests_of(row)) or "–"]
    return f"| {' | '.join(cells)} |\n"


def _tests(found: list[Place]) -> str:
    """Say which tests: a few of each file, the file once."""
    by_file: defaultdict[str, list[str]] = defaultdict(list)
    for place in found:
        by_file[place.path].append(place.test)
    return "; ".join(_file(path, tests) for path, tests in by_file.items())


def _file(path: str, tests: list[str]) -> str:
    named = [f"`{test}`" for test in tests if test]
    if not named:
        return f"`{path}`"
    more = len(named) - MOST_TESTS
    rest = [f"{more} more"] if more > 0 else []
    return f"`{path}`: {', '.join([*named[:MOST_TESTS], *rest])}"
