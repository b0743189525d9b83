"""Where a figure comes from: without it, it says nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from chatwork_admin.supervisor.commands import PROJECT
from tests.bench import installation


def description(database_url: str) -> dict[str, str]:
    """Return what identifies machine, programs, time and state of the code."""
    load = " ".join(f"{figure:.2f}" for figure in os.getloadavg())
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') >> 30} GB",
        "kernel": platform.release(),
        "load before": load,
        "interpreter": " ".join(reversed(installation.interpreter())),
        "node": _said("node", "--version"),
        "PostgreSQL": _postgresql(database_url),
    }


def _commit() -> str:
    commit = _said("git", "rev-parse", "--short", "HEAD")
    return f"{commit} and changes" if _said("git", "status", "--short") else commit


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _postgresql(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        query = "SELECT setting FROM pg_settings WHERE name = 'synchronous_commit'"
        row = connection.execute(query).fetchone()
        version = connection.info.parameter_status("server_version")
    return f"{version}, synchronous_commit {row[0] if row else '?'}"


def _said(*command: str) -> str:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=PROJECT
        )
    except OSError:
        return "-"
    return done.stdout.strip()
