"""wrk: sends one operation to one server for some seconds, and what came of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from chatwork_admin.embedded.children import CannotStart
from tests.bench.operations import Operation
from tests.bench.options import CONNECTIONS, THREADS
from tests.bench.organizations import GROUPS
from tests.bench.servers import Server

SCRIPT = Path(__file__).with_name("request.lua")
GROUPS_PER_ROUND = 100  # THREADS times GROUPS of request.lua


@dataclass(frozen=True, slots=True)
class Load:
    """`refused` had a status of 400 or more, `broken` no answer at all."""

    requests: int
    seconds: float
    p50_milliseconds: float
    p99_milliseconds: float
    refused: int
    broken: int

    @property
    def per_second(self) -> float:
        """Answers other than refusals."""
        return (self.requests - self.refused) / self.seconds


def generate(server: Server, operation: Operation, seconds: int, round_: int) -> Load:
    """Load the server. Raises CannotStart when wrk is missing or fails."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise CannotStart("wrk is missing: install it (Debian: apt install wrk)")
    people = server.people
    headers = [
        word
        for name, value in {**server.headers, **_content(operation)}.items()
        for word in ("-H", f"{name}: {value}")
    ]
    where = server.base + operation.path.partition("{")[0]
    path = "/" + (server.base + operation.path).split("/", 3)[3]
    command = [
        *[wrk, f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"],
        *[*headers, "-s", str(SCRIPT), where.partition("?")[0], "--"],
        *[operation.method, path, operation.body, str(people.size)],
        *[people.user_id, people.user_name, people.group_id],
        str(round_ * GROUPS_PER_ROUND % (GROUPS - GROUPS_PER_ROUND) + 1),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotStart(f"wrk failed: {done.stderr or done.stdout}")
    return parse(done.stdout)


def parse(output: str) -> Load:
    """Read the last line, which request.lua writes; wrk's own words come before it."""
    found = json.loads(output.strip().splitlines()[-1])
    return Load(
        requests=found["requests"],
        seconds=found["microseconds"] / 1e6,
        p50_milliseconds=found["p50"] / 1e3,
        p99_milliseconds=found["p99"] / 1e3,
        refused=found["refused"],
        broken=found["broken"],
    )


def _content(operation: Operation) -> dict[str, str]:
    return {"Content-Type": "application/scim+json"} if operation.is_write else {}
