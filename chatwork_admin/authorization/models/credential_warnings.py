from __future__ import annotations

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization


class CredentialWarning(models.Model):
    """Of this end of a token, a secret or a grant was warned, so many days ahead.

    It names them by their id: they end in different ways, a grant several times.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    credential_id = models.UUIDField()
    ends_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    warned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "credential_id", "ends_at", "days"],
                name="an_end_is_warned_of_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.days} days for {self.credential_id}"
