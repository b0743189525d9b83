"""Each server alone, one after the other, operation by operation, round by round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench import usage
from tests.bench.load_generator import Load, generate
from tests.bench.operations import ALL, CREATE
from tests.bench.physical_limit import PhysicalLimit
from tests.bench.results import Row, Sample, summary
from tests.bench.servers import Server
from tests.bench.trials import Job

WARMING_SECONDS = 1
FEW = 10  # answers while warming up; so slow a server gets more time
MORE_TIME = 4

Say = Callable[[str], None]


@dataclass
class Rounds:
    """`clear` makes created users go away; `database` is PostgreSQL's first process."""

    jobs: Sequence[Job]
    limit: PhysicalLimit
    seconds: int
    clear: Callable[[Server | None], None]
    database: int | None
    say: Say
    samples: dict[int, list[Sample]] = field(default_factory=lambda: defaultdict(list))
    rates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    durations: dict[int, int] = field(default_factory=dict)

    def warm_up(self) -> None:
        """Let every server prepare itself, and see which are slow."""
        for place, job in enumerate(self.jobs):
            load = generate(job.server, job.operation, WARMING_SECONDS, round_=0)
            factor = MORE_TIME if load.requests < FEW else 1
            self.durations[place] = self.seconds * factor
            self._finish(job)

    def run(self, rounds: int) -> None:
        """Measure every job in every round."""
        for round_ in range(1, rounds + 1):
            for name in (operation.name for operation in ALL):
                self._measure(name, round_)
                self._ask_the_limit(name)
            self.say(f"Round {round_} of {rounds} is done.")

    def rows(self) -> list[Row]:
        return [
            summary(
                job.server.name,
                job.operation.name,
                job.server.people.size,
                self.samples[place],
                is_write=job.operation.is_write,
            )
            for place, job in enumerate(self.jobs)
        ]

    def limits(self) -> dict[str, float]:
        return {name: median(rates) for name, rates in self.rates.items()}

    def _measure(self, name: str, round_: int) -> None:
        """Begin with another job each round: who comes later pays for what is left."""
        places = [
            place for place, job in enumerate(self.jobs) if job.operation.name == name
        ]
        first = round_ % max(len(places), 1)
        for place in places[first:] + places[:first]:
            job = self.jobs[place]
            self.samples[place].append(self._sample(job, place, round_))
            self._finish(job)

    def _sample(self, job: Job, place: int, round_: int) -> Sample:
        web = job.server.pid
        is_watched = job.server.uses_postgresql and self.database is not None
        before = usage.cpu_seconds(web), self._database_seconds()
        load = generate(job.server, job.operation, self.durations[place], round_)
        server = usage.cpu_seconds(web) - before[0]
        database = self._database_seconds() - before[1]
        return Sample(
            requests=load.requests,
            per_second=load.per_second,
            p50_milliseconds=load.p50_milliseconds,
            p99_milliseconds=load.p99_milliseconds,
            failures=load.refused + load.broken,
            server_cpu=_microseconds(server, load),
            database_cpu=_microseconds(database, load) if is_watched else None,
            megabytes=usage.memory_megabytes(web),
        )

    def _ask_the_limit(self, name: str) -> None:
        if name in self.limit.scripts:
            rate = self.limit.transactions_per_second(name, self.seconds)
            self.rates[name].append(rate)
            if name == CREATE.name:
                self.clear(None)

    def _finish(self, job: Job) -> None:
        """Leave the machine to the next: wrk does not wait for the last answers."""
        usage.wait_until_idle(job.server.pid)
        if job.operation.name == CREATE.name:
            self.clear(job.server)

    def _database_seconds(self) -> float:
        return usage.cpu_seconds(self.database) if self.database else 0.0


def _microseconds(seconds: float, load: Load) -> float:
    return seconds * 1e6 / max(load.requests, 1)
