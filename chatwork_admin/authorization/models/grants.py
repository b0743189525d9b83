from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from chatwork_admin.authorization.models.clients import OAuthClient
from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization, User

CODE_LIFETIME = timedelta(minutes=1)
IDLE_LIFETIME = timedelta(days=90)


class Grant(models.Model):
    """That the administrator lets a client act for the organization (RFC 6749 §4.1).

    It is the organization's, and outlives the right and the account of whoever gave it
    (D4). Its code is good for a minute, its refresh token for as long as it is used.
    Without a client it is the gallery's. `hand_over_by`: until when the administrator
    is asked to authorize it again, who is not the one that gave it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="grants", db_index=False
    )
    client = models.ForeignKey(
        OAuthClient, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    client_name = models.CharField(max_length=100)
    authorized_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    issued_by = models.CharField(max_length=254)
    issued_at = models.DateTimeField(default=timezone.now)
    code_digest = models.CharField(max_length=64, unique=True)
    code_challenge = models.CharField(max_length=128, blank=True)
    redirect_uri = models.CharField(max_length=2048)
    refresh_digest = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - unique
    last_used_at = models.DateTimeField(null=True, blank=True)
    hand_over_by = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="grant_of_organization"
            )
        ]
        indexes = [
            models.Index(
                fields=["last_used_at"],
                condition=models.Q(revoked_at=None),
                name="grant_ends_unused",
            ),
            models.Index(
                fields=["hand_over_by"],
                condition=models.Q(hand_over_by__isnull=False, revoked_at=None),
                name="grant_to_hand_over",
            ),
        ]

    def __str__(self) -> str:
        return self.client_name

    @property
    def is_used(self) -> bool:
        """Say whether its code was exchanged: it can be once."""
        return self.refresh_digest is not None

    @property
    def expires_at(self) -> datetime:
        """Return when it ends unless it is used before (B13)."""
        if self.last_used_at is None:
            return self.issued_at + CODE_LIFETIME
        return self.last_used_at + IDLE_LIFETIME

    def ended_at(self, disabled_at: datetime | None) -> datetime | None:
        """Return when it stopped, or will stop, being good, as of a `Credential`."""
        ends = [self.expires_at]
        if self.revoked_at is not None:
            ends.append(self.revoked_at)
        if disabled_at is not None and self.issued_at < disabled_at:
            ends.append(disabled_at)
        return min(ends)

    def is_alive(self, disabled_at: datetime | None) -> bool:
        ended_at = self.ended_at(disabled_at)
        return ended_at is None or ended_at > timezone.now()
