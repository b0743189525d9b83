"""Erase for good what has been in the recycle bin long enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM, Target, record
from chatwork_admin.organizations.models import User

BATCH = 200


def empty_recycle_bin() -> int:
    """Erase users deleted more than RECYCLE_BIN_DAYS ago; return how many."""
    before = timezone.now() - timedelta(days=settings.RECYCLE_BIN_DAYS)
    erased = 0
    while batch := _erase_batch(before):
        erased += batch
    return erased


@transaction.atomic
def _erase_batch(before: datetime) -> int:
    due = User.objects.filter(deleted_at__lt=before).order_by("deleted_at")
    users = list(due.select_for_update(skip_locked=True)[:BATCH])
    for user in users:
        record(
            Action.USER_PURGED,
            organization_id=user.organization_id,
            actor=SYSTEM,
            target=Target("user", str(user.pk), ""),
        )
        user.delete()
    return len(users)
