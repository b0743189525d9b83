"""Tokens, secrets and grants as the portal lists them: each with how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chatwork_admin.authorization.credential_states import State, state_of
from chatwork_admin.authorization.models import Credential, Grant


@dataclass(frozen=True, slots=True)
class CredentialRow:
    credential: Credential | Grant
    state: State

    @property
    def is_alive(self) -> bool:
        return self.state == State.ALIVE


def rows_of(
    credentials: Iterable[Credential | Grant], disabled_at: datetime | None
) -> list[CredentialRow]:
    return [CredentialRow(each, state_of(each, disabled_at)) for each in credentials]
