"""What a run has found, as it is kept in results.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

OURS = "this product"


@dataclass(frozen=True, slots=True)
class Sample:
    """One server under one operation, for one round. CPU in microseconds a request;
    None where PostgreSQL is not ours to watch, or not involved."""

    requests: int
    per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    failures: int
    server_cpu: float
    database_cpu: float | None
    megabytes: float


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of a server and an operation over all rounds; `failures` is a sum."""

    server: str
    operation: str
    is_write: bool
    size: int
    requests: int
    per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    failures: int
    server_cpu: float
    database_cpu: float | None
    megabytes: float


@dataclass
class Results:
    """`unsupported` says, by server and operation, how a server refused it.

    `limit` is in transactions a second; `foreign` counts other organizations' users.
    """

    machine: dict[str, str]
    size: int
    foreign: int
    rounds: int
    seconds: int
    rows: list[Row] = field(default_factory=list)
    limit: dict[str, float] = field(default_factory=dict)
    unsupported: dict[str, dict[str, str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)

    def row(self, server: str, operation: str, size: int | None = None) -> Row | None:
        """Find a row; of the compared size, unless another one is asked for."""
        wanted = (server, operation, size or self.size)
        for row in self.rows:
            if (row.server, row.operation, row.size) == wanted:
                return row
        return None

    def servers(self) -> list[str]:
        return list(dict.fromkeys(row.server for row in self.rows))

    def ours(self, operation: str) -> Row | None:
        return self.row(OURS, operation)

    def own_rows(self) -> Iterator[Row]:
        return (r for r in self.rows if r.server == OURS and r.size == self.size)

    def best_peer(self, operation: str) -> Row | None:
        """Return the fastest peer that did not fail."""
        peers = [
            row
            for server in self.servers()
            if server != OURS and (row := self.row(server, operation))
        ]
        return max(peers, key=lambda row: row.per_second, default=None)

    def costs_by_size(self) -> dict[str, dict[int, float]]:
        """Return our CPU a request, PostgreSQL's included, by operation and size."""
        costs: dict[str, dict[int, float]] = {}
        for row in self.rows:
            if row.server == OURS:
                cost = row.server_cpu + (row.database_cpu or 0)
                costs.setdefault(row.operation, {})[row.size] = cost
        return {name: found for name, found in costs.items() if len(found) > 1}


def summary(
    server: str, operation: str, size: int, samples: list[Sample], *, is_write: bool
) -> Row:
    """Take the medians; failures add up."""

    def middle(name: str) -> float:
        return float(median(getattr(sample, name) for sample in samples))

    is_watched = all(sample.database_cpu is not None for sample in samples)
    return Row(
        server=server,
        operation=operation,
        is_write=is_write,
        size=size,
        requests=sum(sample.requests for sample in samples),
        per_second=middle("per_second"),
        p50_milliseconds=middle("p50_milliseconds"),
        p99_milliseconds=middle("p99_milliseconds"),
        failures=sum(sample.failures for sample in samples),
        server_cpu=middle("server_cpu"),
        database_cpu=middle("database_cpu") if is_watched else None,
        megabytes=middle("megabytes"),
    )


def write(results: Results, file: Path) -> None:
    text = json.dumps(asdict(results), indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")


def read(file: Path) -> Results:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Results(**{**found, "rows": [Row(**row) for row in found["rows"]]})
