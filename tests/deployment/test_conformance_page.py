"""The page of SCIM conformance is true as far as a program can tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim import discovery
from tests.deployment import conformance, conformance_evidence, reference
from tests.deployment.conformance_rows import Verdict
from tests.deployment.production import PROJECT

ROWS = conformance.ROWS
DONE = {Verdict.YES, Verdict.RULED}
LENGTHS = {
    "A": 15,
    "C": 10,
    "D": 21,
    "E": 22,
    "F": 39,
    "G": 17,
    "H": 18,
    "I": 10,
    "J": 12,
    "K": 11,
    "L": 11,
}


def test_the_page_says_what_the_tree_says() -> None:
    path = reference.DIRECTORY / "scim-conformance.md"

    assert path.read_text(encoding="utf-8") == reference.pages()[path.name], (
        "run `python -m tests.deployment.reference`"
    )


def test_every_row_of_the_catalogue_is_there_once() -> None:
    expected = {
        f"{letter}{n + 1}" for letter, end in LENGTHS.items() for n in range(end)
    }
    expected |= {f"B{number}" for number in range(1, 27)}
    sections = (*conformance.RFCS, *conformance.CATALOGUE)

    assert {name for name in ROWS if not name.startswith("RFC")} == expected
    assert len(ROWS) == sum(len(section.rows) for section in sections)


def test_what_is_met_has_a_test_and_a_place() -> None:
    met = [row for row in ROWS.values() if row.verdict in DONE]

    assert [row.name for row in met if not conformance.tests_of(row)] == []
    assert [row.name for row in met if not conformance.places_of(row)] == []


def test_what_is_not_met_has_a_reason() -> None:
    unmet = [row for row in ROWS.values() if row.verdict is not Verdict.YES]

    assert [row.name for row in unmet if not row.because] == []


def test_what_a_test_fails_to_show_is_not_met() -> None:
    met = {row.name for row in ROWS.values() if row.verdict in DONE}

    assert conformance_evidence.unproven() & met == set()


def test_what_is_not_met_has_no_test_that_passes() -> None:
    """When somebody builds it, the verdict must follow."""
    unmet = {row for row in ROWS.values() if row.verdict in {Verdict.NO, Verdict.LATER}}

    assert [row.name for row in unmet if conformance.tests_of(row)] == []


@pytest.mark.parametrize(
    ("promise", "names"),
    [
        ("bulk", ["K1", "RFC 7644 §3.7"]),
        ("etag", ["K4", "RFC 7644 §3.14"]),
        ("sort", ["K5", "RFC 7644 §3.4.2.3"]),
        ("pagination", ["K6", "RFC 9865 §2", "RFC 9865 §4"]),
    ],
)
def test_verdicts_are_what_the_service_provider_says_of_itself(
    promise: str, names: list[str]
) -> None:
    said = discovery.service_provider_config().get(promise, {})
    is_met = said.get("supported", said.get("cursor", False))

    assert {ROWS[name].verdict is Verdict.YES for name in names} == {is_met}


def test_nothing_is_named_that_is_not_in_the_tables() -> None:
    named = conformance_evidence.tests().keys() | conformance_evidence.modules().keys()

    assert named - ROWS.keys() - conformance.ELSEWHERE == set()


def test_what_is_said_by_hand_is_there() -> None:
    for row in ROWS.values():
        assert [path for path in row.where if not (PROJECT / path).exists()] == []
        said = [test.split("::") for test in row.tests]
        assert [test for test in said if not conformance_evidence.has_test(*test)] == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Rows D3, E22 (H5): F9", {"D3", "E22", "H5", "F9"}),
        ("rows E2-E12 and A1 - A5, F1–F39, §5-§7", set()),
        ("RFC 7643 §2.5, §3.1; RFC 7644 §3.12.", {
            "RFC 7643 §2.5", "RFC 7643 §3.1", "RFC 7644 §3.12"
        }),
        ("§3.1 and §3.2, §4.1.2, §4", {
            "RFC 7643 §3.1", "RFC 7644 §3.2", "RFC 7643 §4.1.2", "RFC 7644 §4"
        }),
        ("RFC 9110 §13.1.1 and RFC 5321 §4.5.3.1.3", set()),
        ("RFC 7644 §3.14, RFC 9110 §13; row K4", {"RFC 7644 §3.14", "K4"}),
        ("CW-A1x, M3, A0, A100, S2, utf8", set()),
    ],
)  # fmt: skip
def test_rows_and_paragraphs_are_found_in_texts(text: str, named: set[str]) -> None:
    assert conformance_evidence.names(text) == named


@given(text=st.text(st.sampled_from("AFL019 §.-RFC746,()"), max_size=40))
def test_no_text_is_too_strange(text: str) -> None:
    for name in conformance_evidence.names(text):
        assert name.startswith(("RFC ", *"ABCDEFGHIJKL"))


def test_a_recorded_conversation_lists_its_rows() -> None:
    conversation = {"rows": ["F1", "H5"], "exchanges": [{"body": {"title": "L9"}}]}

    assert conformance_evidence.recorded_rows(conversation) == {"F1", "H5"}
    assert conformance_evidence.recorded_rows([]) == set()


def test_a_test_that_is_expected_to_fail_proves_nothing(tmp_path: Path) -> None:
    source = """
def test_that_holds(): "Row G10."

@pytest.mark.xfail(reason="not yet")
def test_that_does_not(): "Row G10."
"""
    file = tmp_path / "test_x.py"
    file.write_text(source, encoding="utf-8")

    assert conformance_evidence.has_test(str(file), "test_that_holds")
    assert not conformance_evidence.has_test(str(file), "test_that_does_not")
