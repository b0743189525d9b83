"""Remember refused requests, so that an administrator sees why Entra ID complains."""

from __future__ import annotations

import logging

from django.db import Error, transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Target, record
from chatwork_admin.synchronization.failures import count_refusal
from chatwork_admin.synchronization.grouping import NoSuchGroup
from chatwork_admin.synchronization.provisioning import NoSuchUser
from scim import errors, limits
from scim.authentication import ScimRequest
from scim.errors import Answer

logger = logging.getLogger(__name__)

NOBODY_FOUND = {errors.ANSWERS[each].code for each in (NoSuchUser, NoSuchGroup)}
READS = {"GET", "HEAD"}
LONGEST_REQUEST = 300  # characters of its address


def note(request: ScimRequest, answer: Answer, target: Target, detail: str) -> None:
    """Count and record a refusal after the roll-back of what was refused; never fail.

    Each is counted. A client that retries all day may not fill the log: at most
    MAX_RECORDED an hour of each code are recorded, and the last of them says that it is
    the last.
    """
    try:
        with transaction.atomic():
            is_answer = request.method in READS and answer.code in NOBODY_FOUND
            count = count_refusal(
                request.organization, answer.code, is_answer=is_answer
            )
            if count > limits.MAX_RECORDED:
                return
            is_last = count == limits.MAX_RECORDED
            record(
                Action.REQUEST_REFUSED,
                organization_id=request.organization.pk,
                actor=request.actor,
                target=target,
                context=_said(request, answer, detail, is_last=is_last),
            )
    except Error:  # of the database
        logger.warning("refusal not recorded", extra={"code": answer.code})


def _said(
    request: ScimRequest, answer: Answer, detail: str, *, is_last: bool
) -> dict[str, object]:
    said = {
        "code": answer.code,
        "status": answer.status,
        "request": f"{request.method} {request.path}"[:LONGEST_REQUEST],
        "detail": detail,
    }
    return said | (
        {"more": "counted, but not recorded in this hour"} if is_last else {}
    )
