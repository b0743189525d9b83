"""What bounds the traffic of strangers: how often they may come, how often we say so."""

from __future__ import annotations

from django.db import models

from chatwork_admin.organizations.models import Organization


class Arrival(models.Model):
    """The theoretical arrival time of the next request from an address (see `rate`)."""

    pk = models.CompositePrimaryKey("organization_id", "address")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    address = models.CharField(max_length=45)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.address} at {self.at}"


class Visit(models.Model):
    """As `Arrival`, of an address that asks for no organization in particular."""

    address = models.CharField(primary_key=True, max_length=45)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.address} at {self.at}"


class RejectionCount(models.Model):
    """How many sign-ins were refused in an hour for one reason.

    It counts each of them, where the audit log stops after a number of events.
    """

    pk = models.CompositePrimaryKey("organization_id", "hour", "reason")
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="sign_in_rejection_counts",
        db_index=False,
    )
    hour = models.DateTimeField()
    reason = models.CharField(max_length=32)
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.count} × {self.reason} since {self.hour}"
