"""Which warnings administrators have had, so that each comes once."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization


class CertificateWarning(models.Model):
    """A certificate was said to expire within so many days; 0: it has expired.

    It names the certificate by its fingerprint: rows of certificates come and go.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    sha256 = models.CharField(max_length=64)
    days = models.PositiveSmallIntegerField()
    warned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "sha256", "days"],
                name="a_certificate_is_warned_of_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.days} days for a certificate of {self.organization_id}"
