"""Tokens, secrets and grants as the portal lists them: each with how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from chatwork_admin.authorization.models import Credential, Grant


@dataclass(frozen=True, slots=True)
class CredentialRow:
    credential: Credential | Grant
    ended_at: datetime | None
    state: str

    @property
    def is_alive(self) -> bool:
        return self.state == "alive"


def rows_of(
    credentials: Iterable[Credential | Grant], disabled_at: datetime | None
) -> list[CredentialRow]:
    return [_row(each, disabled_at) for each in credentials]


def _row(credential: Credential | Grant, disabled_at: datetime | None) -> CredentialRow:
    ended_at = credential.ended_at(disabled_at)
    if ended_at is None or ended_at > timezone.now():
        return CredentialRow(credential, ended_at, "alive")
    states = {credential.revoked_at: "revoked", credential.expires_at: "expired"}
    return CredentialRow(credential, ended_at, states.get(ended_at, "disabled"))
