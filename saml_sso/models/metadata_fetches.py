"""Metadata that a worker is asked to fetch, until what came back has been looked at."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization

OVERDUE = timedelta(seconds=30)


class MetadataFetch(models.Model):
    """One address to fetch metadata from: pending, fetched, or failed with a problem.

    `problem` is a reason of `remote_metadata.fetching`, `status` the HTTP status where
    that was it. `kick_until`: a worker was told lately. `lease_until`: one is at it.
    """

    class Purpose(models.TextChoices):
        PREVIEW = "preview", "Preview"
        REFRESH = "refresh", "Refresh"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="metadata_fetches",
        db_index=False,
    )
    purpose = models.CharField(max_length=8, choices=Purpose)
    url = models.CharField(max_length=2048)
    requested_at = models.DateTimeField(default=timezone.now)
    kick_until = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=64, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    document = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "purpose"], name="one_fetch_for_each_purpose"
            )
        ]
        indexes = [
            models.Index(
                fields=["requested_at"],
                name="metadata_fetch_pending",
                condition=models.Q(finished_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"metadata for {self.organization_id}"

    @property
    def is_pending(self) -> bool:
        return self.finished_at is None

    @property
    def is_overdue(self) -> bool:
        """Whether it waits for so long that no worker can be there."""
        return self.is_pending and timezone.now() - self.requested_at > OVERDUE
