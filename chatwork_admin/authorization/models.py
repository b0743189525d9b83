from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization


class AccessToken(models.Model):
    """A long-lived bearer token (RFC 6750): it names the organization by itself.

    Only an HMAC-SHA256 of the token is kept. The token is 256 random bits, so there is
    nothing to guess that a slow hash would have to protect.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="access_tokens",
        db_index=False,
    )
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    last_characters = models.CharField(max_length=4)
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.CharField(max_length=254)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=254, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "id"], name="access_token_of_organization"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def ended_at(self, disabled_at: datetime | None) -> datetime | None:
        """Return when it stopped, or will stop, being good; None for never.

        `disabled_at`: when the organization last disabled user synchronization, which
        ends every token issued before.
        """
        ends = [self.revoked_at, self.expires_at]
        if disabled_at is not None and self.issued_at < disabled_at:
            ends.append(disabled_at)
        return min((end for end in ends if end is not None), default=None)
