"""Writes that depend on the version a client has read (RFC 9110 §13.1.1)."""

from __future__ import annotations

from collections.abc import Callable

Expected = Callable[[int], bool] | None  # None: whatever version it has


class Changed(Exception):
    """The resource has changed since it was read. Read it again."""


def require(version: int, expected: Expected) -> None:
    """Raise Changed unless a row, read under its lock, has an expected version."""
    if expected is not None and not expected(version):
        raise Changed(Changed.__doc__)
