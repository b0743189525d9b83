"""The structured log as a sink: identifiers only, no name and no address."""

from __future__ import annotations

import logging

from chatwork_admin.audit.channels import Channel
from chatwork_admin.audit.models import AuditEvent

logger = logging.getLogger("chatwork_admin.audit")


def write_line(event: AuditEvent, received: frozenset[str]) -> None:
    logger.info(
        event.action,
        extra={
            "event_id": str(event.pk),
            "organization_id": str(event.organization_id),
            "occurred_at": event.occurred_at.isoformat(),
            "actor": f"{event.actor['kind']}:{event.actor['id']}",
            "target": f"{event.target['kind']}:{event.target['id']}",
            "reference": event.reference,
        },
    )


CHANNEL = Channel(write_line)
