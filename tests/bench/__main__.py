"""`make bench`: starts everything, measures, and writes the report."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from chatwork_admin.embedded import Services
from chatwork_admin.embedded.children import CannotStart
from chatwork_admin.supervisor.interruptions import interrupted
from chatwork_admin.supervisor.terminal import complain, say
from tests.bench import (
    databases,
    installation,
    machine,
    operations,
    organizations,
    peer_servers,
    physical_limit,
    report,
    results,
    servers,
    statements,
)
from tests.bench.options import RESULTS, NotAnOption, Options, options
from tests.bench.physical_limit import PhysicalLimit
from tests.bench.population import Population, populate
from tests.bench.product import Product
from tests.bench.results import Results
from tests.bench.rounds import Rounds
from tests.bench.servers import Server
from tests.bench.trials import Job, Unsupported, prepare

DATABASE = "bench_product"


def main() -> int:
    """Return the exit code: 0, or 1 with one line that says why."""
    began = time.monotonic()
    try:
        wanted = options(os.environ)
        with interrupted(), contextlib.ExitStack() as exits:
            publish(measure(wanted, exits), wanted.folder)
    except (NotAnOption, CannotStart) as reason:
        complain(f"Cannot measure: {reason}")
        return 1
    except (KeyboardInterrupt, SystemExit):
        say("Stopped.")
        return 1
    say(f"That took {(time.monotonic() - began) / 60:.1f} minutes.")
    return 0


def measure(wanted: Options, exits: contextlib.ExitStack) -> Results:
    """Start all servers and run all rounds. Raises CannotStart."""
    services = Services(wanted.folder / "data")
    services.start()
    exits.callback(services.stop)
    found = Results(
        machine.description(services.database_url),
        size=wanted.size,
        foreign=0,
        rounds=wanted.rounds,
        seconds=wanted.seconds,
    )
    url = databases.fresh(services.database_url, DATABASE)
    population = _product(wanted, url, services.redis_url, exits)
    found.foreign = population.foreign
    peers = _peers(wanted, services.database_url, found, exits)
    jobs = _jobs([*population.servers, *peers], found)
    watched, binaries = databases.embedded(services)
    limit = _limit(wanted.folder, url, population, binaries)
    say(f"Measuring {len(jobs)} pairs of server and operation …")
    rounds = Rounds(
        jobs, limit, wanted.seconds, _clearing(url, services.database_url), watched, say
    )
    rounds.warm_up()
    databases.settle(url)  # it has seen memberships by now
    rounds.run(wanted.rounds)
    found.rows, found.limit = rounds.rows(), rounds.limits()
    return found


def publish(found: Results, folder: Path) -> None:
    """Write results.json, report.md and costs.svg; show the report."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    results.write(found, RESULTS / "results.json")
    text = report.markdown(found)
    (RESULTS / "report.md").write_text(text, encoding="utf-8")
    say(text)
    source = installation.PLOTTING
    plotting = installation.python(folder, source) / "python"
    files = [str(RESULTS / "results.json"), str(RESULTS / "costs.svg")]
    servers.complete(
        [plotting, source / "plot.py", *files], folder / "plotting.log", {}
    )
    say(f"Report, plot and figures are in {RESULTS}.")


def _product(
    wanted: Options, url: str, redis_url: str, exits: contextlib.ExitStack
) -> Population:
    say("Starting the product, and filling its database …")
    directory = wanted.folder / "product"
    directory.mkdir(exist_ok=True)
    programs = installation.product(wanted.folder)
    running = Product(programs, directory, url, redis_url)
    running.migrate()
    web = running.serve()
    exits.callback(web.stop)
    return populate(running, web, wanted)


def _peers(
    wanted: Options, database_url: str, found: Results, exits: contextlib.ExitStack
) -> list[Server]:
    say("Installing, filling and starting the peers …")
    running, missing = peer_servers.start_all(wanted.folder, database_url, wanted.size)
    for server in running:
        exits.callback(server.stop)
        found.remarks[server.name] = list(server.remarks)
    found.missing = {peer.name: peer.reason for peer in missing}
    return running


def _jobs(everybody: list[Server], found: Results) -> list[Job]:
    jobs = []
    for operation in operations.ALL:
        for server in everybody:
            is_compared = server.people.size == found.size
            if not is_compared and operation not in operations.FLAT:
                continue
            try:
                jobs.append(prepare(server, operation))
            except Unsupported as answer:
                refused = found.unsupported.setdefault(server.name, {})
                refused[operation.name] = str(answer)
    return jobs


def _limit(
    folder: Path, url: str, population: Population, binaries: Path | None
) -> PhysicalLimit:
    with psycopg.connect(url) as connection:
        scripts = statements.write(
            connection, folder, population.compared, population.template
        )
    return PhysicalLimit(physical_limit.find_program(binaries), url, scripts)


def _clearing(url: str, server_url: str) -> Callable[[Server | None], None]:
    """Created users go away again, so that sizes stay what they are called."""

    def clear(server: Server | None) -> None:
        if server is not None and server.name != results.OURS:
            peer_servers.forget_new(server, server_url)
            return
        with psycopg.connect(url) as connection:
            organizations.forget_new(connection)

    return clear


if __name__ == "__main__":
    sys.exit(main())
