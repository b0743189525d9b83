"""Where a browser goes after signing in: a path of ours, whoever asked for it."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_PATH = 8192  # a state of Entra ID may be long (B11)


def path_of_ours(wanted: str) -> str:
    """Return a path that leads nowhere but here, or ""."""
    is_path = wanted.startswith("/") and len(wanted) <= LONGEST_PATH
    # No host is allowed at all, so ours need not be asked of a header.
    if is_path and wanted.isprintable() and _stays_here(wanted):
        return wanted
    return ""


def _stays_here(wanted: str) -> bool:
    return url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
