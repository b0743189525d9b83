"""Write down what happened, in the transaction in which it happens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.db import connection

from chatwork_admin.audit.actions import MAILED, Action
from chatwork_admin.audit.models import AuditEvent, AuditSink
from chatwork_admin.identifiers import new_id
from chatwork_admin.statements import execute, insertion, new_values


class ActorKind(StrEnum):
    PERSON = "person"
    PROVISIONING_CLIENT = "provisioning-client"
    IDENTITY_PROVIDER = "identity-provider"
    SUPPORT = "support"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, and through which request. Never nobody.

    `label` is what administrators read; logs carry `id` only. `reference` is the
    request's `X-Request-Id`, `address` the client's IP address.
    """

    kind: ActorKind
    id: str
    label: str
    reference: str = ""
    address: str = ""


SYSTEM = Actor(ActorKind.SYSTEM, "system", "Chatwork Admin")


@dataclass(frozen=True, slots=True)
class Target:
    """What it was done to: kind ("user", "group", …), id, and a label for people."""

    kind: str
    id: str
    label: str


class OutsideTransaction(AssertionError):
    """An event that is not in the transaction of its change could outlive it."""


def record(
    action: Action,
    *,
    organization_id: uuid.UUID,
    actor: Actor,
    target: Target,
    changes: Sequence[Mapping[str, object]] = (),
    context: Mapping[str, object] | None = None,
) -> uuid.UUID:
    """Insert the event, and one delivery for each enabled sink; return the event's id.

    Administrators get a mail of what is in `actions.MAILED` only.
    `changes`: attribute, before, after; private values are named only, not copied.
    Never talks to the broker: the relay does. Raises OutsideTransaction.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(action)
    event_id = new_id()
    event = new_values(
        AuditEvent,
        id=event_id,
        organization_id=organization_id,
        action=action,
        actor={"kind": actor.kind, "id": actor.id, "label": actor.label},
        target={"kind": target.kind, "id": target.id, "label": target.label},
        changes=list(changes),
        context={"address": actor.address, **(context or {})},
        reference=actor.reference,
    )
    is_mailed = action in MAILED
    execute(_recording(), [*event, organization_id, organization_id, is_mailed])
    return event_id


def open_sinks(organization_id: uuid.UUID) -> None:
    """Give a new organization its first sinks: the structured log, and mail."""
    AuditSink.objects.bulk_create(
        AuditSink(organization_id=organization_id, kind=kind)
        for kind in (AuditSink.Kind.LOG, AuditSink.Kind.MAIL)
    )


@cache
def _recording() -> str:
    """One statement writes the event and what is to be delivered."""
    return f"""
        WITH event AS ({insertion(AuditEvent)} RETURNING id)
        INSERT INTO audit_auditdelivery
            (organization_id, event_id, sink_id, state, attempts, last_error)
        SELECT %s, event.id, sink.id, 'pending', 0, ''
        FROM event, audit_auditsink sink
        WHERE sink.organization_id = %s AND sink.is_enabled
            AND (sink.kind <> 'mail' OR %s)
    """  # noqa: S608 - names of our models
