"""pgbench: how fast PostgreSQL itself does the same, without any server before it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from chatwork_admin.embedded.children import CannotStart
from tests.bench.options import CONNECTIONS, THREADS

NAME = "PostgreSQL (pgbench)"


@dataclass(frozen=True, slots=True)
class PhysicalLimit:
    """The scripts, one file for each operation, and the program that runs them."""

    program: Path
    database_url: str
    scripts: dict[str, Path]

    def transactions_per_second(self, operation: str, seconds: int) -> float:
        """Raises CannotStart when a statement fails."""
        done = subprocess.run(
            [
                *[str(self.program), "--no-vacuum", "--protocol=prepared"],
                *[f"--client={CONNECTIONS}", f"--jobs={THREADS}", f"--time={seconds}"],
                *[f"--file={self.scripts[operation]}", self.database_url],
            ],
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": os.defpath},
        )
        if done.returncode:
            raise CannotStart(f"pgbench failed: {done.stderr[-1000:]}")
        return parse(done.stdout)


def parse(output: str) -> float:
    """Read the rate without the time that connecting took. Raises CannotStart."""
    rate = re.search(r"^tps = ([0-9.]+)", output, re.MULTILINE)
    failed = re.search(r"^number of failed transactions: (\d+)", output, re.MULTILINE)
    if rate is None or (failed and int(failed[1])):
        raise CannotStart(f"pgbench says: {output}")
    return float(rate[1])


def find_program(binaries: Path | None) -> Path:
    """Find pgbench beside the embedded server's programs, or on PATH."""
    installed = shutil.which("pgbench")
    candidates = [binaries / "pgbench"] if binaries else []
    candidates += [Path(installed)] if installed else []
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise CannotStart("pgbench is missing")
