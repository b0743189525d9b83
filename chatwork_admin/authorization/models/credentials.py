from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from chatwork_admin.authorization import credentials
from chatwork_admin.authorization.credentials import Prefix
from chatwork_admin.identifiers import new_id


class Credential(models.Model):
    """What somebody may present to us, shown once: only an HMAC-SHA256 of it is kept.

    It is 256 random bits, so there is nothing to guess that a slow hash would have to
    protect.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    last_characters = models.CharField(max_length=4)
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.CharField(max_length=254)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=254, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def keep(self, credential: str, prefix: Prefix) -> None:
        """Store by what it will be recognised."""
        self.digest = str(credentials.digest_of(credential, prefix))
        self.last_characters = credentials.last_characters(credential)
        self.save(force_insert=True)

    def ended_at(self, disabled_at: datetime | None) -> datetime | None:
        """Return when it stopped, or will stop, being good; None for never.

        `disabled_at`: when the organization last disabled user synchronization, which
        ends every credential issued before.
        """
        ends = [self.revoked_at, self.expires_at]
        if disabled_at is not None and self.issued_at < disabled_at:
            ends.append(disabled_at)
        return min((end for end in ends if end is not None), default=None)

    def is_alive(self, disabled_at: datetime | None) -> bool:
        ended_at = self.ended_at(disabled_at)
        return ended_at is None or ended_at > timezone.now()
