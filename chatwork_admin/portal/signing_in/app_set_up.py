"""The key of an app that is being set up, for the browser that asked for it.

A key that was shown elsewhere, or long ago, may be known to somebody else: it is never
shown again. Whoever begins anew gets another one.
"""

from __future__ import annotations

import hashlib
import time

from chatwork_admin.organizations.proofs import second_factor
from chatwork_admin.organizations.proofs.one_time_codes import Pending
from chatwork_admin.portal.access import PersonalRequest, PortalRequest

NAME = "app_set_up"
SHOWN_SECONDS = 10 * 60


def begin(request: PersonalRequest | PortalRequest) -> None:
    """Choose a key, and let this browser show it for ten minutes."""
    second_factor.begin(request.user)
    pending = second_factor.pending_of(request.user)
    if pending is not None:
        request.session[NAME] = {"key": _digest(pending), "at": time.time()}


def pending_in(request: PersonalRequest | PortalRequest) -> Pending | None:
    """Return the key that was chosen in this browser, while it may be shown."""
    begun = request.session.get(NAME)
    pending = second_factor.pending_of(request.user)
    if begun is None or pending is None or begun["key"] != _digest(pending):
        return None
    return pending if time.time() - begun["at"] <= SHOWN_SECONDS else None


def _digest(pending: Pending) -> str:
    return hashlib.sha256(pending.key.encode()).hexdigest()
