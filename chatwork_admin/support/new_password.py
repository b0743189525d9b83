"""Where management commands get a new password from."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from django.core.management.base import CommandError


def new_password(file: Path | None, variable: str) -> str:
    """Return it from the file, from the environment, or ask. Raises CommandError."""
    if file:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    if password := os.environ.get(variable):
        return password
    if not sys.stdin.isatty():
        raise CommandError(f"give --password-file or {variable}")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Password, again: "):
        raise CommandError("the two passwords differ; nobody was created")
    return password
