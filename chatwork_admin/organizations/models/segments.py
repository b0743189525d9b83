"""Closed runs of an organization's users, of which the database keeps the number."""

from __future__ import annotations

from django.db import models

from chatwork_admin.organizations.models.people import Organization


class UserSegment(models.Model):
    """Who came after the last segment, up to and with somebody (`last_…`).

    `users`: how many of them are not in the recycle bin, kept by triggers (migration
    0011). Whoever came after the last segment of all is in none.
    """

    pk = models.CompositePrimaryKey("organization", "last_created_at", "last_id")
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="user_segments",
        db_index=False,
    )
    last_created_at = models.DateTimeField()
    last_id = models.UUIDField()
    users = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.organization_id} to {self.last_created_at}"
