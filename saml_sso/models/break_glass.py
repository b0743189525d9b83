"""The way in when the identity provider fails."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization, User


class BreakGlassCode(models.Model):
    """A code that lets the organization administrator in once, without SAML.

    Only a keyed hash is kept. A new set makes the old one void.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.CASCADE,
        related_name="break_glass_codes",
        db_index=False,
    )
    code_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    used_from = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "code_hash"], name="one_break_glass_code"
            )
        ]

    def __str__(self) -> str:
        return f"break-glass code of {self.organization_id}"
