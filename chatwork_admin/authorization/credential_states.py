"""How what lets clients in stands, in one word."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from chatwork_admin.authorization.models import Credential, Grant


class State(StrEnum):
    ALIVE = "alive"
    REVOKED = "revoked"
    EXPIRED = "expired"
    DISABLED = "disabled"  # with user synchronization


def state_of(credential: Credential | Grant, disabled_at: datetime | None) -> State:
    """Return whether it is good, or what ended it first; as of `Credential.ended_at`."""
    ended_at = credential.ended_at(disabled_at)
    if ended_at is None or ended_at > timezone.now():
        return State.ALIVE
    causes = {
        credential.revoked_at: State.REVOKED,
        credential.expires_at: State.EXPIRED,
    }
    return causes.get(ended_at, State.DISABLED)
