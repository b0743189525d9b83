"""Warn in time of what ends, and remind of what is to be handed over: each once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM, Target, record
from chatwork_admin.authorization import hand_over
from chatwork_admin.authorization.endings import Ending, endings
from chatwork_admin.authorization.models import CredentialWarning, Grant
from chatwork_admin.database.statements import insert

WARNED = (0, 1, 7, 14, 30, 60)  # days ahead of an end, the most urgent first
REMINDED = (0, 1, 7)  # days before the time to authorize anew is over
NEWS = timedelta(days=7)  # what is past for longer is known by now
ONCE = "(organization_id, credential_id, ends_at, days)"  # `an_end_is_warned_of_once`


def warn_of_ends() -> int:
    """Record each warning that has become due; return how many.

    Of each end the most urgent one alone, however late this runs.
    """
    now = timezone.now()
    found = endings(now - NEWS, now + timedelta(days=WARNED[-1]))
    return sum(_warn(each, _days(each.ends_at, now, WARNED)) for each in found)


def remind_to_hand_over() -> int:
    """Record each reminder that has become due, as `warn_of_ends` does."""
    now = timezone.now()
    soon = (now - NEWS, now + timedelta(days=REMINDED[-1]))
    asked = Grant.objects.filter(revoked_at=None, hand_over_by__range=soon)
    return sum(
        _remind(grant, grant.hand_over_by, _days(grant.hand_over_by, now, REMINDED))
        for grant in asked.select_related("organization")
        if grant.hand_over_by and grant in hand_over.in_use(grant.organization)
    )


@transaction.atomic
def _warn(ending: Ending, days: int) -> bool:
    row = ending.row
    if not _is_first(row.organization_id, row.pk, ending.ends_at, days):
        return False
    record(
        Action.CREDENTIAL_EXPIRING,
        organization_id=row.organization_id,
        actor=SYSTEM,
        target=ending.target,
        context={
            "note": ending.note,
            "days": days,
            "expires": _said(ending.ends_at),
            "last_used": _said(row.last_used_at),
        },
    )
    return True


@transaction.atomic
def _remind(grant: Grant, until: datetime, days: int) -> bool:
    if not _is_first(grant.organization_id, grant.pk, until, days):
        return False
    record(
        Action.GRANT_HANDOVER_DUE,
        organization_id=grant.organization_id,
        actor=SYSTEM,
        target=Target("grant", str(grant.pk), grant.client_name),
        context={
            "authorized_by": grant.issued_by,
            "days": days,
            "authorize_by": f"{timezone.localdate(until):%Y-%m-%d}",
        },
    )
    return True


def _days(instant: datetime, now: datetime, ahead: Sequence[int]) -> int:
    return next(days for days in ahead if instant - now <= timedelta(days=days))


def _is_first(
    organization_id: uuid.UUID, credential_id: uuid.UUID, ends_at: datetime, days: int
) -> bool:
    warning = CredentialWarning(
        organization_id=organization_id,
        credential_id=credential_id,
        ends_at=ends_at,
        days=days,
    )
    return insert(warning, conflict=ONCE)


def _said(instant: datetime | None) -> str:
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M}" if instant else ""
