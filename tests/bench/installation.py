"""Installs the product and its peers, in committed versions, into the ignored folder.

All run by one interpreter: the distribution's, which is built with profile-guided
optimisation, as is that of the product's image. Where there is none, by our own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from chatwork_admin.embedded.children import CannotStart, last_lines
from chatwork_admin.supervisor.commands import PROJECT

SOURCES = Path(__file__).parent / "peers"
PLOTTING = Path(__file__).with_name("plotting")
FLAGS = ["--locked", "--no-dev", "--quiet"]
DISTRIBUTION = "/usr/bin/python3"
UV = os.environ.get("UV", "uv")
VERSION = "import sys; print(sys.version); sys.exit(sys.version_info < (3, 11))"


def interpreter() -> tuple[str, str]:
    """Return the path and the version of the Python that runs who is measured.

    INTERPRETER chooses another one.
    """
    wanted = [os.environ.get("INTERPRETER") or DISTRIBUTION, sys.executable]
    for path in wanted:
        with contextlib.suppress(OSError):
            done = subprocess.run(
                [path, "-c", VERSION], check=False, capture_output=True, text=True
            )
            if done.returncode == 0:
                return path, done.stdout.strip()
    raise CannotStart(f"none of {', '.join(wanted)} is Python 3.11 or newer")


def product(folder: Path) -> Path:
    """Return the programs of an environment as production's: without what tests need.

    `make` runs this by uv, which says where it is. Raises CannotStart.
    """
    target, lock = folder / "production", PROJECT / "uv.lock"
    if not _is_done(target, [lock]):
        log = _anew(target)
        where = f"UV_PROJECT_ENVIRONMENT={target}/venv"
        by = ["--python", interpreter()[0]]
        _run(["env", where, UV, "sync", "--project", PROJECT, *by, *FLAGS], log)
        _mark(target, [lock])
    return target / "venv" / "bin"


def python(folder: Path, source: Path) -> Path:
    """Return the programs of an environment that holds `source`'s requirements.

    Raises CannotStart.
    """
    requirements = source / "requirements.txt"
    target = folder / source.name
    if not _is_done(target, [requirements]):
        log = _anew(target)
        _run([UV, "venv", "--python", interpreter()[0], target / "venv"], log)
        into: list[str | Path] = ["--python", target / "venv"]
        _run([UV, "pip", "install", *into, "--requirement", requirements], log)
        _mark(target, [requirements])
    return target / "venv" / "bin"


def node(folder: Path, source: Path) -> Path:
    """Return a copy of `source` with the packages of its lock file in it.

    Raises CannotStart.
    """
    files = sorted(source.iterdir())
    target = folder / source.name
    if not _is_done(target, files):
        log = _anew(target)
        for file in files:
            shutil.copy(file, target)
        flags = ["--ignore-scripts", "--no-audit", "--no-fund"]
        _run(["npm", "ci", *flags, "--prefix", target], log)
        _mark(target, files)
    return target


def _is_done(target: Path, files: Sequence[Path]) -> bool:
    mark = target / "installed"
    return mark.is_file() and mark.read_text(encoding="utf-8") == _digest(files)


def _mark(target: Path, files: Sequence[Path]) -> None:
    (target / "installed").write_text(_digest(files), encoding="utf-8")


def _digest(files: Sequence[Path]) -> str:
    content = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(content + interpreter()[1].encode()).hexdigest()


def _anew(target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    return target / "installation.log"


def _run(command: Sequence[str | Path], log: Path) -> None:
    with log.open("ab") as output:
        try:
            done = subprocess.run(
                command, check=False, stdout=output, stderr=output, timeout=300
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotStart(f"{command[0]}: {error}") from error
    if done.returncode:
        raise CannotStart(f"{command[0]} failed: {last_lines(log, 3)}")
