from __future__ import annotations

from pathlib import Path

from tests.bench import report, results
from tests.bench.goals import Verdict, judge
from tests.bench.results import OURS, Results, Row, Sample, summary

PEER = "a peer"


def test_a_share_of_the_limit_is_met_from_the_share_on() -> None:
    assert _verdict(_found(_row(rate=150)), "match: at least 15% of").is_met
    assert _verdict(_found(_row(rate=149)), "match: at least 15% of").is_met is False


def test_the_fastest_peer_counts() -> None:
    found = _found(_row(rate=900), _row(PEER, rate=300), _row("slower", rate=10))
    verdict = _verdict(found, "match: at least 3 times")
    assert verdict == Verdict(verdict.goal, "3.0 × a peer", is_met=True)


def test_without_a_peer_nothing_is_judged() -> None:
    assert _verdict(_found(_row(rate=900)), "match: at least 3 times").is_met is None


def test_writes_may_take_longer_than_reads() -> None:
    found = _found(_row(p99=12), _row(operation="create", p99=12, is_write=True))
    assert _verdict(found, "match: p99").is_met is False
    assert _verdict(found, "create: p99").is_met is True


def test_flatness_compares_the_cpu_time_of_all_sizes() -> None:
    flat = _found(_row(cpu=100), _row(cpu=115, size=10))
    steep = _found(_row(cpu=100), _row(cpu=116, size=10))
    assert _verdict(flat, "match: CPU per request flat").is_met is True
    assert _verdict(steep, "match: CPU per request flat").is_met is False


def test_other_sizes_are_not_compared_with_peers() -> None:
    found = _found(_row(rate=10), _row(rate=9_000, size=10), _row(PEER, rate=10))
    assert _verdict(found, "match: at least 3 times").found == "1.0 × a peer"


def test_a_row_holds_medians_and_the_sum_of_failures() -> None:
    samples = [_sample(10.0, 1), _sample(1000.0, 0), _sample(20.0, 2)]
    row = summary(OURS, "match", 100, samples, is_write=False)
    assert (row.per_second, row.failures, row.database_cpu) == (20.0, 3, None)


def test_results_survive_their_file(tmp_path: Path) -> None:
    found = _found(_row(), _row(PEER))
    results.write(found, tmp_path / "results.json")
    assert results.read(tmp_path / "results.json") == found


def test_the_report_names_who_is_missing_and_what_is_unsupported() -> None:
    found = _found(_row(), _row(PEER))
    found.missing = {"another": "npm: not found"}
    found.unsupported = {PEER: {"group": "HTTP 501"}}
    text = report.markdown(found)
    assert "| another | missing |" in text
    assert "another is missing: npm: not found" in text
    assert "| HTTP 501 |" in text


def _found(*rows: Row) -> Results:
    limit = {"match": 1000.0, "cursor page": 1000.0}
    return Results({}, 100, 900, 1, 1, rows=list(rows), limit=limit)


def _row(
    server: str = OURS,
    *,
    operation: str = "match",
    rate: float = 1,
    p99: float = 1,
    cpu: float = 1,
    size: int = 100,
    is_write: bool = False,
) -> Row:
    return Row(server, operation, is_write, size, 9, rate, 1, p99, 0, cpu, None, 99)


def _sample(rate: float, failures: int) -> Sample:
    return Sample(9, rate, 1, 1, failures, 1, None, 99)


def _verdict(found: Results, beginning: str) -> Verdict:
    (verdict,) = (one for one in judge(found) if one.goal.startswith(beginning))
    return verdict
