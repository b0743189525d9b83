"""The provisioning service as a workload: it signs who it is, instead of knowing a secret.

As "Workload identity federation for SCIM provisioning" has it; the claims are those of a
version 2.0 access token for an application.
"""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm

from tests.entra_id.identity_provider import IdentityProvider

LIFETIME = 3600
_EARLIER = 300  # seconds before now that Entra's tokens begin


@dataclass(frozen=True)
class WorkloadIdentity:
    """The service principal of one application; `subject` is its object id."""

    provider: IdentityProvider
    subject: str
    audience: str

    @property
    def issuer(self) -> str:
        return f"{self.provider.authority}/{self.provider.tenant_id}/v2.0"

    @property
    def jwks_uri(self) -> str:
        return (
            f"{self.provider.authority}/{self.provider.tenant_id}/discovery/v2.0/keys"
        )

    def claims(self) -> dict[str, Any]:
        begins = int(time.time()) - _EARLIER
        return {
            "aud": self.audience,
            "iss": self.issuer,
            "iat": begins,
            "nbf": begins,
            "exp": begins + LIFETIME,
            "azp": str(uuid.uuid4()),
            "oid": self.subject,
            "sub": self.subject,
            "tid": self.provider.tenant_id,
            "ver": "2.0",
        }

    def assertion(self) -> str:
        """Sign one that is good for the better part of an hour."""
        headers = {"kid": key_id(self.provider)}
        return jwt.encode(
            self.claims(), self.provider.key, algorithm="RS256", headers=headers
        )


def key_id(provider: IdentityProvider) -> str:
    return provider.thumbprint


def key_set(*providers: IdentityProvider) -> bytes:
    """Return the keys as they are found at `jwks_uri` (RFC 7517)."""
    keys = []
    for provider in providers:
        public = RSAAlgorithm.to_jwk(provider.key.public_key(), as_dict=True)
        named = {"kid": key_id(provider), "use": "sig", "kty": "RSA"}
        keys.append({"n": public["n"], "e": public["e"]} | named)
    return json.dumps({"keys": keys}).encode()
