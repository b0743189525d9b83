"""One run over many objects: in parallel, counted, and stopped when Entra would stop."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.entra_id.failures import BadConnection, Failure, NoAnswer, RequestFailed
from tests.entra_id.quarantine import QuarantineRules, reason_in_figures

Progress = Callable[[str, int, int], None]

# Not Entra's rule: a target that is down should not cost the waits of every object.
_SILENT_IN_A_ROW = 10


@dataclass(frozen=True)
class Job:
    """The work on one object; `act` returns the counters that it moved."""

    kind: str
    object_id: str
    name: str
    act: Callable[[], tuple[str, ...]]


@dataclass(frozen=True)
class FailedObject:
    kind: str
    object_id: str
    name: str
    failure: Failure


@dataclass(frozen=True)
class _Outcome:
    job: Job
    counted: tuple[str, ...] = ()
    error: RequestFailed | None = None


@dataclass
class Run:
    """Counters by kind of object, failures, and the reason for an early end."""

    rules: QuarantineRules
    workers: int
    progress: Progress
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    failures: list[FailedObject] = field(default_factory=list)
    quarantine_reason: str = ""
    stopped: str = ""
    _tried: int = 0
    _silent: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def has_ended(self) -> bool:
        return self._stop.is_set()

    def perform(self, kind: str, jobs: Sequence[Job]) -> None:
        """Do the jobs of one kind; after a stop the remaining ones are not begun."""
        self.counts.setdefault(kind, Counter())
        for done, outcome in enumerate(self._outcomes(jobs), start=1):
            if outcome is not None:
                self._record(outcome)
            self.progress(kind, done, len(jobs))

    def hold(self, reason: str) -> None:
        """End the run with a quarantine."""
        self.quarantine_reason = self.quarantine_reason or reason
        self._stop.set()

    def _outcomes(self, jobs: Sequence[Job]) -> Iterator[_Outcome | None]:
        if self.workers == 1:
            yield from map(self._attempt, jobs)
            return
        with ThreadPoolExecutor(self.workers) as executor:
            yield from executor.map(self._attempt, jobs)

    def _attempt(self, job: Job) -> _Outcome | None:
        if self.has_ended:
            return None
        try:
            return _Outcome(job, counted=job.act())
        except RequestFailed as error:
            return _Outcome(job, error=error)

    def _record(self, outcome: _Outcome) -> None:
        self._tried += 1
        self.counts[outcome.job.kind].update(outcome.counted)
        if outcome.error is None:
            self._silent = 0
            return
        self._record_failure(outcome.job, outcome.error)

    def _record_failure(self, job: Job, error: RequestFailed) -> None:
        self.counts[job.kind]["failed"] += 1
        self.failures.append(
            FailedObject(job.kind, job.object_id, job.name, error.failure)
        )
        self._silent = self._silent + 1 if isinstance(error, NoAnswer) else 0
        if self._silent >= _SILENT_IN_A_ROW:
            self.stopped = f"No answer from the target: {error.failure.detail}"
            self._stop.set()
        figures = reason_in_figures(self._tried, len(self.failures), self.rules)
        reason = str(error) if isinstance(error, BadConnection) else figures
        if reason:
            self.hold(reason)
