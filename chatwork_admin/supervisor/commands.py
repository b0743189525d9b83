"""The product's processes as data: what the supervisor and docker-compose.yml both run."""

import os
from pathlib import Path

HOST = "127.0.0.1"
PROJECT = Path(__file__).resolve().parents[2]
MIGRATION = ["python", "manage.py", "migrate", "--no-input"]


def data_directory() -> Path:
    """Return where the product keeps its data on this machine: DATA_DIRECTORY, or .data."""
    return Path(os.environ.get("DATA_DIRECTORY") or PROJECT / ".data").resolve()


def commands(port: int, directory: Path | None = None) -> dict[str, list[str]]:
    """Return each process's command, in the order in which they start and stop.

    The one that takes requests comes first, the one that may still have work last.
    """
    schedule = (directory or data_directory()) / "celerybeat-schedule"
    celery = ["celery", "-A", "chatwork_admin"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return {
        "web": [
            *["python", "-m", "chatwork_admin.web"],
            *["--host", HOST, "--port", str(port)],
            *["--workers", "2"],
        ],
        "relay": ["python", "manage.py", "audit_relay"],
        "beat": [*celery, "beat", "-l", "WARNING", "-s", str(schedule)],
        "worker": [*celery, "worker", "-l", "WARNING", "-c", "2", *quiet],
    }
