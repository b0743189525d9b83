"""Workload identities as the portal lists them: each with how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from chatwork_admin.authorization import workload_identities
from chatwork_admin.authorization.models import OAuthClient, WorkloadIdentity
from chatwork_admin.portal.connection import identity_words
from chatwork_admin.synchronization import gate


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """`problem` says why the keys that were last looked for are not here."""

    identity: WorkloadIdentity
    is_alive: bool
    problem: str


def rows_of(client: OAuthClient) -> list[IdentityRow]:
    disabled_at = gate.synchronization_of(client.organization).disabled_at
    return [
        IdentityRow(
            identity,
            identity.is_alive(disabled_at),
            identity_words.problem(identity.keys_problem),
        )
        for identity in workload_identities.identities_of(client)
    ]
