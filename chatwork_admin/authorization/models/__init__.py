"""Who may call: clients, what they prove themselves by, and what they are given."""

from chatwork_admin.authorization.models.clients import (
    LONGEST_MINUTES,
    SHORTEST_MINUTES,
    ClientSecret,
    OAuthClient,
)
from chatwork_admin.authorization.models.credential_warnings import CredentialWarning
from chatwork_admin.authorization.models.credentials import Credential
from chatwork_admin.authorization.models.grants import IDLE_LIFETIME, Grant
from chatwork_admin.authorization.models.tokens import BY_HAND, AccessToken
from chatwork_admin.authorization.models.workload_identities import (
    UsedAssertion,
    WorkloadIdentity,
)

__all__ = [
    "BY_HAND",
    "IDLE_LIFETIME",
    "LONGEST_MINUTES",
    "SHORTEST_MINUTES",
    "AccessToken",
    "ClientSecret",
    "Credential",
    "CredentialWarning",
    "Grant",
    "OAuthClient",
    "UsedAssertion",
    "WorkloadIdentity",
]
