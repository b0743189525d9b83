"""Closed runs of an organization's users, of which the database keeps the number.

Segments of users, and blocks of segments: whoever looks for the n-th user adds up blocks,
then the segments of one block.
"""

from __future__ import annotations

from django.db import models

from chatwork_admin.organizations.models.people import Organization


class UserRun(models.Model):
    """Who came after the last run, up to and with somebody (`last_…`).

    `users`: how many of them are not in the recycle bin, kept by triggers (migrations
    0011, 0030). Whoever came after the last run of all is in none.
    """

    pk = models.CompositePrimaryKey("organization", "last_created_at", "last_id")
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="%(class)ss",
        db_index=False,
    )
    last_created_at = models.DateTimeField()
    last_id = models.UUIDField()
    users = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.organization_id} to {self.last_created_at}"


class UserSegment(UserRun):
    """A run of a few hundred users."""


class UserBlock(UserRun):
    """A run of segments; the last segments are in none."""
