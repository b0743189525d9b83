"""manage.py before there are settings: before the first `make serve`, say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatwork_admin.env import PROJECT


def manage(directory: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run manage.py without settings; return its exit status and what it says."""
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIRECTORY": str(directory),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--help",), (), ("demo_organization", "--help"), ("help", "audit_status")],
)
def test_help_needs_no_settings(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    status, said = manage(tmp_path, *arguments)

    assert status == 0, said
    assert "demo_organization" in said or "audit_status" in said
    assert "not properly configured" not in said


def test_any_other_command_says_in_one_line_what_is_missing(tmp_path: Path) -> None:
    status, said = manage(tmp_path, "audit_status")

    assert status == 1
    assert said == (
        "Settings cannot be read: set SECRET_KEY or SECRET_KEY_FILE. `make serve` sets "
        "them for this machine; docs/reference/settings.md lists them.\n"
    )


def test_a_secret_that_is_no_file_is_one_line_too(tmp_path: Path) -> None:
    status, said = manage(tmp_path, "check", SECRET_KEY_FILE="/nowhere")

    assert (status, said.count("\n")) == (1, 1)
    assert "/nowhere" in said
