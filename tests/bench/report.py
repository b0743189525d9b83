"""The report of a run, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from tests.bench import operations
from tests.bench.goals import Verdict, judge
from tests.bench.options import CONNECTIONS
from tests.bench.physical_limit import NAME as LIMIT
from tests.bench.results import OURS, Results, Row

NAMES = [operation.name for operation in operations.ALL]
WORDS = {True: "met", False: "**not met**", None: "not judged"}


def markdown(results: Results) -> str:
    parts = [
        "# Benchmark",
        _about(results),
        "## Requests a second",
        _rates(results),
        _footnotes(results),
        "## CPU microseconds a request, server + PostgreSQL",
        _by_server(results, _cpu),
        "## Latency in milliseconds, p50 / p99",
        _by_server(results, _latency),
        "## Goals",
        _goals(judge(results)),
        "## Cost against size",
        _sizes(results),
    ]
    return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["--:"] * (len(head) - 1)]
    lines = [head, rule, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _about(results: Results) -> str:
    said = [f"- {name}: {value}" for name, value in results.machine.items()]
    how = (
        f"{results.size:,} users of one organization, {results.foreign:,} foreign users "
        f"beside them; medians of {results.rounds} rounds of {results.seconds} s, "
        f"{CONNECTIONS} connections."
    )
    return "\n".join([how, "", *said])


def _rates(results: Results) -> str:
    def cells(server: str) -> list[str]:
        rows = [results.row(server, name) for name in NAMES]
        found = [row for row in rows if row]
        failures = str(sum(row.failures for row in found))
        megabytes = f"{max(row.megabytes for row in found):.0f}"
        rates = [_cell(results, server, name, _rate) for name in NAMES]
        return [server, *rates, megabytes, failures]

    limit = [_number(results.limit.get(name)) for name in NAMES]
    missing = [[name, *["missing"] * len(NAMES), "-", "-"] for name in results.missing]
    return table(
        ["", *NAMES, "memory MB", "failed"],
        [*map(cells, results.servers()), *missing, [LIMIT, *limit, "-", "-"]],
    )


def _footnotes(results: Results) -> str:
    said = [
        f"- {server}: {remark}"
        for server, remarks in results.remarks.items()
        for remark in remarks
    ]
    absent = [
        f"- {server} is missing: {' '.join(reason.split())[:300]}"
        for server, reason in results.missing.items()
    ]
    return "\n".join([*said, *absent, f"- {LIMIT}: transactions, prepared, same rows."])


def _by_server(results: Results, show: Callable[[Row], str]) -> str:
    rows = [
        [server, *[_cell(results, server, name, show) for name in NAMES]]
        for server in results.servers()
    ]
    return table(["", *NAMES], rows)


def _goals(verdicts: Sequence[Verdict]) -> str:
    rows = [[v.goal, v.found, WORDS[v.is_met]] for v in verdicts]
    met = sum(verdict.is_met is True for verdict in verdicts)
    count = f"{met} of {len(verdicts)} goals are met."
    return f"{count}\n\n{table(['goal', 'found', ''], rows)}"


def _sizes(results: Results) -> str:
    names = [operation.name for operation in operations.FLAT]
    sizes = sorted({row.size for row in results.rows if row.server == OURS})

    def cell(name: str, size: int) -> str:
        row = results.row(OURS, name, size)
        return f"{_rate(row)} ({_cpu(row)})" if row else "-"

    rows = [[f"{size:,}", *[cell(name, size) for name in names]] for size in sizes]
    legend = f"{OURS}: requests a second (CPU microseconds, server + PostgreSQL)."
    return f"{legend}\n\n{table(['users', *names], rows)}"


def _cell(results: Results, server: str, name: str, show: Callable[[Row], str]) -> str:
    row = results.row(server, name)
    return show(row) if row else results.unsupported.get(server, {}).get(name, "-")


def _rate(row: Row) -> str:
    return _number(row.per_second)


def _cpu(row: Row) -> str:
    database = "" if row.database_cpu is None else f" + {row.database_cpu:,.0f}"
    return f"{row.server_cpu:,.0f}{database}"


def _latency(row: Row) -> str:
    return f"{row.p50_milliseconds:.1f} / {row.p99_milliseconds:.1f}"


def _number(rate: float | None) -> str:
    if rate is None:
        return "-"
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"
