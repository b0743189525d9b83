from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import MD5
from django.utils import timezone

from chatwork_admin.authorization.models.clients import OAuthClient
from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization

KEYS_FRESH = timedelta(hours=12)
KEYS_KEPT = timedelta(days=3)  # where the issuer cannot be reached


class WorkloadIdentity(models.Model):
    """Whose assertions prove a client, instead of a secret (RFC 7523 §2.2).

    Assertions name `issuer`, `subject` and `audience` letter for letter, and are signed
    by a key of `jwks_uri` (RFC 7517). `keys` are those that were found there, by `kid`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    client = models.ForeignKey(
        OAuthClient,
        on_delete=models.PROTECT,
        related_name="workload_identities",
        db_index=False,
    )
    issuer = models.CharField(max_length=1024)
    jwks_uri = models.CharField(max_length=2048)
    subject = models.CharField(max_length=255)
    audience = models.CharField(max_length=1024)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.CharField(max_length=254)
    removed_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    keys = models.JSONField(default=dict)
    keys_fetched_at = models.DateTimeField(null=True, blank=True)
    keys_sought_at = models.DateTimeField(null=True, blank=True)
    keys_problem = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "client", "id"],
                name="workload_identity_of_client",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="workload_identity_of_organization"
            ),
            models.UniqueConstraint(
                "organization",
                "client",
                *map(MD5, ("issuer", "subject", "audience")),  # too long for an index
                condition=models.Q(removed_at=None),
                name="a_workload_identity_is_trusted_once",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def is_alive(self, disabled_at: datetime | None) -> bool:
        """Say whether it is trusted; `disabled_at` ends it, as it ends a `Credential`."""
        is_ended = disabled_at is not None and self.added_at < disabled_at
        return self.removed_at is None and not is_ended

    @property
    def trusted_keys(self) -> dict[str, dict[str, str]]:
        """Return the keys, unless they are so old that the issuer may have ended them."""
        is_kept = self._is_younger_than(KEYS_KEPT)
        return self.keys if is_kept else {}

    def needs_keys(self, key_id: str) -> bool:
        """Say whether to look for keys before believing, or not, what names this one."""
        return key_id not in self.keys or not self._is_younger_than(KEYS_FRESH)

    @property
    def is_looking(self) -> bool:
        """Say whether keys were sought since they were last found: nobody knows them."""
        sought, fetched = self.keys_sought_at, self.keys_fetched_at
        return fetched is None or (sought is not None and sought > fetched)

    def _is_younger_than(self, age: timedelta) -> bool:
        fetched = self.keys_fetched_at
        return fetched is not None and timezone.now() - fetched < age


class UsedAssertion(models.Model):
    """That an assertion with a `jti` was taken: it is not taken again (RFC 7523 §3)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    identity = models.ForeignKey(
        WorkloadIdentity, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "identity", "digest"],
                name="an_assertion_is_taken_once",
            )
        ]

    def __str__(self) -> str:
        return self.digest
