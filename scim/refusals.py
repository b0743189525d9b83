"""Remember refused writes, so that an administrator sees why Entra ID complains."""

from __future__ import annotations

import logging
import time
import uuid

from django.db import DatabaseError, transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import Target, record
from scim.authentication import ScimRequest
from scim.errors import Answer

logger = logging.getLogger(__name__)

HOUR = 60 * 60  # seconds
MOST_PER_HOUR = 100


def note(request: ScimRequest, answer: Answer, target: Target, detail: str) -> None:
    """Record a refusal after the roll-back of what was refused; never fail.

    A client that retries all day may not fill the log: at most 100 an hour of each
    code, and the last of them says that it is the last.
    """
    try:
        with transaction.atomic():
            lately = _lately(request.organization.pk, answer.code)
            if lately >= MOST_PER_HOUR:
                return
            is_last = lately == MOST_PER_HOUR - 1
            record(
                Action.REQUEST_REFUSED,
                organization_id=request.organization.pk,
                actor=request.actor,
                target=target,
                context=_said(request, answer, detail, is_last=is_last),
            )
    except DatabaseError:
        logger.warning("refusal not recorded", extra={"code": answer.code})


def _said(
    request: ScimRequest, answer: Answer, detail: str, *, is_last: bool
) -> dict[str, object]:
    said = {
        "code": answer.code,
        "status": answer.status,
        "request": f"{request.method} {request.path}",
        "detail": detail,
    }
    return said | ({"more": "not recorded for an hour"} if is_last else {})


def _lately(organization_id: uuid.UUID, code: str) -> int:
    """Count this hour's refusals with a code, from the index: an event's id says when it was."""
    an_hour_ago = int((time.time() - HOUR) * 1000)
    first = uuid.UUID(int=an_hour_ago << 80)  # UUIDv7 starts with milliseconds
    events = AuditEvent.objects.filter(
        organization_id=organization_id, action=Action.REQUEST_REFUSED, id__gte=first
    ).filter(context__code=code)
    return events[:MOST_PER_HOUR].count()
