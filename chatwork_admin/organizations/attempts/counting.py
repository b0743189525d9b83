"""Whom django-axes counts an attempt for that failed, and from where.

The failures of a known browser are counted for itself, wherever it is. Those of every
other browser are counted for the person and the address. So whoever fails, for a
colleague and from the colleague's own address, locks out no known browser.
"""

from __future__ import annotations

from django.http import HttpRequest

from chatwork_admin.client_addresses import client_address, place_of
from chatwork_admin.organizations.attempts.outcomes import reason
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.proofs.one_time_codes import UsedAlready

COUNTED = "attempts_counted_for"


def name_counted(
    request: HttpRequest, credentials: dict[str, object] | None = None
) -> str:
    """Return for whom django-axes is to count (AXES_USERNAME_CALLABLE)."""
    name = (credentials or {}).get("username") or ""
    return request.META.get(COUNTED) or fold(str(name))


def columns_counted(
    request: HttpRequest, credentials: dict[str, object] | None = None
) -> list[str] | list[list[str]]:
    """Return by what django-axes is to count (AXES_LOCKOUT_PARAMETERS)."""
    if request.META.get(COUNTED):
        return ["username"]
    return [["username", "ip_address"]]


def place_counted(request: HttpRequest) -> str | None:
    """Return from where django-axes is to count (AXES_CLIENT_IP_CALLABLE)."""
    return place_of(client_address(request)) or None


def is_no_guess(
    request: HttpRequest, credentials: dict[str, object] | None = None
) -> bool:
    """Say what django-axes is not to count (AXES_WHITELIST_CALLABLE): a code sent twice."""
    return reason(request) == UsedAlready.reason
