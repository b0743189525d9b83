"""The report of a cycle: figures to assert on, a table to read, JSON to keep."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.entra_id.run import FailedObject

COUNTERS = (
    "created",
    "linked",
    "updated",
    "skipped",
    "disabled",
    "restored",
    "deleted",
    "failed",
)
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class CycleReport:
    """What one cycle did. `counts` is by kind: "users", "groups", "managers".

    `linked` are objects found at the target that this app did not know; one that
    needed a write is counted under `updated`, `disabled` or `restored` as well.
    The properties total users and groups; "managers" are references, not objects.
    """

    kind: str
    counts: Mapping[str, Mapping[str, int]]
    failures: tuple[FailedObject, ...]
    requests: int
    seconds: float
    quarantine: str = ""
    stopped: str = ""

    def count(self, counter: str, kind: str) -> int:
        return self.counts.get(kind, {}).get(counter, 0)

    def total(self, counter: str) -> int:
        return self.count(counter, "users") + self.count(counter, "groups")

    @property
    def created(self) -> int:
        return self.total("created")

    @property
    def linked(self) -> int:
        return self.total("linked")

    @property
    def updated(self) -> int:
        return self.total("updated")

    @property
    def skipped(self) -> int:
        return self.total("skipped")

    @property
    def disabled(self) -> int:
        return self.total("disabled")

    @property
    def restored(self) -> int:
        return self.total("restored")

    @property
    def deleted(self) -> int:
        return self.total("deleted")

    @property
    def failed(self) -> int:
        """Everything that failed, manager references too."""
        return len(self.failures)

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def is_clean(self) -> bool:
        return not (self.failures or self.quarantine or self.stopped)


def as_document(report: CycleReport) -> dict[str, Any]:
    """Turn the report into one JSON object."""
    return {
        "kind": report.kind,
        **{name: report.total(name) for name in COUNTERS},
        "failed": report.failed,
        "requests": report.requests,
        "seconds": round(report.seconds, 3),
        "rate": round(report.rate, 1),
        "quarantine": report.quarantine or None,
        "stopped": report.stopped or None,
        **{kind: _all_counters(report, kind) for kind in report.counts},
        "failures": [_failure_document(one) for one in report.failures],
    }


def print_report(report: CycleReport, console: Console) -> None:
    """Show the figures, then failures grouped by code with the target's own words."""
    console.print(_figures(report))
    console.print(
        f"{report.requests} requests in {report.seconds:.1f} s ({report.rate:.1f} per second)",
        highlight=False,
    )
    for title, reason in (
        ("Quarantine", report.quarantine),
        ("Stopped", report.stopped),
    ):
        if reason:
            console.print(f"{title}: {reason}", style="bold red", markup=False)
    for code, failed in _by_code(report).items():
        _print_failures(code, failed, console)


def _all_counters(report: CycleReport, kind: str) -> dict[str, int]:
    return {name: report.count(name, kind) for name in COUNTERS}


def _failure_document(failed: FailedObject) -> dict[str, Any]:
    return {
        "kind": failed.kind,
        "name": failed.name,
        "objectId": failed.object_id,
        "code": failed.failure.code,
        "reason": failed.failure.detail,
        "status": failed.failure.status,
        "scimType": failed.failure.scim_type or None,
        "requestId": failed.failure.request_id or None,
    }


def _figures(report: CycleReport) -> Table:
    # As wide as a terminal of 80 columns.
    table = Table(
        title=f"{report.kind.capitalize()} cycle", box=None, padding=(0, 1, 0, 0)
    )
    table.add_column("")
    for counter in COUNTERS:
        table.add_column(counter, justify="right")
    for kind in report.counts:
        table.add_row(kind, *[str(report.count(one, kind)) for one in COUNTERS])
    return table


def _by_code(report: CycleReport) -> dict[str, list[FailedObject]]:
    groups: dict[str, list[FailedObject]] = defaultdict(list)
    for failed in report.failures:
        groups[failed.failure.code].append(failed)
    return groups


def _print_failures(code: str, failed: list[FailedObject], console: Console) -> None:
    console.print(f"{code}: {len(failed)} failed", style="bold", markup=False)
    for one in failed[:_NAMES_SHOWN]:
        console.print(
            f"  {one.name}: {one.failure.detail}", markup=False, highlight=False
        )
    if len(failed) > _NAMES_SHOWN:
        console.print(f"  and {len(failed) - _NAMES_SHOWN} more")
