"""The goals of the project for its speed, and whether a run meets them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.results import Results, Row

# Share of what PostgreSQL itself does: of which operation's rate, and how much of it.
SHARES = {
    "match": ("match", 0.15),
    "read": ("read", 0.15),
    "create": ("create", 0.45),
    "change": ("change", 0.45),
    "page": ("cursor page", 0.14),
    "cursor page": ("cursor page", 0.20),
}
# How many times the best peer, on which operation of its.
MULTIPLES = {
    "match": ("match", 3.0),
    "read": ("read", 3.0),
    "create": ("create", 2.0),
    "change": ("change", 3.0),
    "page": ("page", 50.0),
    "cursor page": ("page", 50.0),
}
P99_MILLISECONDS = {False: 10.0, True: 15.0}  # reads, writes
FLAT = 1.15
MEMORY_MEGABYTES = 130.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One goal. `is_met` is None where there was nothing to compare."""

    goal: str
    found: str
    is_met: bool | None


def judge(results: Results) -> list[Verdict]:
    return [
        *_shares(results),
        *_multiples(results),
        *_latencies(results),
        *_flatness(results),
        _memory(results),
    ]


def _shares(results: Results) -> list[Verdict]:
    verdicts = []
    for name, (limit_name, wanted) in SHARES.items():
        ours, limit = results.ours(name), results.limit.get(limit_name)
        goal = f"{name}: at least {wanted:.0%} of pgbench ({limit_name})"
        share = ours.per_second / limit if ours and limit else None
        found = "-" if share is None else f"{share:.1%}"
        verdicts.append(Verdict(goal, found, _met(share, wanted)))
    return verdicts


def _multiples(results: Results) -> list[Verdict]:
    verdicts = []
    for name, (peer_name, wanted) in MULTIPLES.items():
        ours, best = results.ours(name), results.best_peer(peer_name)
        multiple = _ratio(ours, best)
        goal = f"{name}: at least {wanted:g} times the best peer ({peer_name})"
        found = "-" if multiple is None else f"{multiple:.1f} × {best and best.server}"
        verdicts.append(Verdict(goal, found, _met(multiple, wanted)))
    return verdicts


def _latencies(results: Results) -> list[Verdict]:
    verdicts = []
    for row in results.own_rows():
        wanted = P99_MILLISECONDS[row.is_write]
        goal = f"{row.operation}: p99 under {wanted:g} ms"
        found = f"{row.p99_milliseconds:.1f} ms"
        verdicts.append(Verdict(goal, found, row.p99_milliseconds < wanted))
    return verdicts


def _flatness(results: Results) -> list[Verdict]:
    verdicts = []
    for name, costs in results.costs_by_size().items():
        sizes = f"{min(costs):,} to {max(costs):,} users"
        goal = f"{name}: CPU per request flat within {FLAT - 1:.0%}, {sizes}"
        is_known = len(costs) > 1 and min(costs.values()) > 0
        spread = max(costs.values()) / min(costs.values()) if is_known else None
        found = "-" if spread is None else f"{spread - 1:+.0%}"
        is_met = None if spread is None else spread <= FLAT
        verdicts.append(Verdict(goal, found, is_met))
    return verdicts


def _memory(results: Results) -> Verdict:
    used = max((row.megabytes for row in results.own_rows()), default=0.0)
    goal = f"memory of the web tier under {MEMORY_MEGABYTES:g} MB"
    is_met = used < MEMORY_MEGABYTES if used else None
    return Verdict(goal, f"{used:.0f} MB", is_met)


def _ratio(ours: Row | None, best: Row | None) -> float | None:
    if ours is None or best is None or not best.per_second:
        return None
    return ours.per_second / best.per_second


def _met(found: float | None, wanted: float) -> bool | None:
    return None if found is None else found >= wanted
