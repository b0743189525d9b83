"""A workload whom a client of Acme trusts, and assertions of it, right and wrong."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import key_sets, workload_identities
from chatwork_admin.authorization.client_assertions import TYPE
from chatwork_admin.authorization.models import OAuthClient
from chatwork_admin.authorization.models import WorkloadIdentity as Row
from chatwork_admin.authorization.workload_identities import Trust
from tests.entra_id.identity_provider import IdentityProvider, new_identity_provider
from tests.entra_id.workload_identity import WorkloadIdentity, key_id, key_set

TENANT = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
SUBJECT = "0f3a5e0c-4a5e-4c1b-9c0e-1d8f5a1d2c3b"
AUDIENCE = "api://5b2f2b1e-8f0a-4b7e-9a53-2f6f9f0f0d11"


@cache
def entra_tenant() -> IdentityProvider:
    return new_identity_provider(TENANT)


@cache
def another_tenant() -> IdentityProvider:
    return new_identity_provider("11111111-67b2-4cf2-a259-e3dc5476c621")


@dataclass(frozen=True)
class Trusted:
    """A client, whom it trusts, and the stand-in that signs as that."""

    row: Row
    workload: WorkloadIdentity

    @property
    def client(self) -> OAuthClient:
        return self.row.client

    def body(self, assertion: str | None = None, **changed: str) -> dict[str, str]:
        """Return what Entra sends (B24)."""
        return {
            "client_id": self.client.client_id,
            "client_assertion_type": TYPE,
            "client_assertion": assertion or self.workload.assertion(),
            "scope": "scim",
        } | changed

    def says(self, **changed: Any) -> str:
        """Return an assertion with other claims; None leaves one out."""
        return signed(self.headers(), _changed(self.workload.claims(), changed))

    def headed(self, **changed: Any) -> str:
        """Return an assertion with another header; None leaves a part out."""
        return signed(_changed(self.headers(), changed), self.workload.claims())

    def headers(self) -> dict[str, Any]:
        provider = self.workload.provider
        return {"typ": "JWT", "alg": "RS256", "kid": key_id(provider)}


def trusted(client: OAuthClient, *, has_keys: bool = True) -> Trusted:
    """Let a client trust the workload, whose keys were fetched a moment ago."""
    workload = WorkloadIdentity(entra_tenant(), SUBJECT, AUDIENCE)
    row = workload_identities.add(
        client.organization, client.pk, trust_in(workload), actor=SYSTEM
    )
    if has_keys:
        row.keys = key_sets.read(key_set(workload.provider))
        row.keys_sought_at = row.added_at
        row.keys_fetched_at = timezone.now()
        row.save()
    return Trusted(row, workload)


def trust_in(workload: WorkloadIdentity) -> Trust:
    return Trust(
        workload.issuer, workload.jwks_uri, workload.subject, workload.audience
    )


def reasons() -> list[str]:
    events = AuditEvent.objects.filter(action=Action.ASSERTION_REFUSED)
    return [event.context["code"] for event in events.order_by("pk")]


def signed(
    header: dict[str, Any] | bytes,
    claims: dict[str, Any] | bytes,
    key: rsa.RSAPrivateKey | None = None,
) -> str:
    """Sign whatever is given, also what no library would."""
    text = f"{_part(header)}.{_part(claims)}"
    by = key or entra_tenant().key
    signature = by.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{encoded(signature)}"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _part(part: dict[str, Any] | bytes) -> str:
    return encoded(part if isinstance(part, bytes) else json.dumps(part).encode())


def _changed(before: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    after = before | changed
    return {name: value for name, value in after.items() if value is not None}
