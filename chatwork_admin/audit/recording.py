"""Write down what happened, in the transaction in which it happens."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from chatwork_admin.audit.actions import MAILED, Action
from chatwork_admin.audit.models import SCHEMA_VERSION, AuditEvent, AuditSink
from chatwork_admin.database.statements import execute, insertion_from
from chatwork_admin.identifiers import new_id


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
# What happened in no organization, but to the support staff, carries the nil UUID.
INSTALLATION = uuid.UUID(int=0)


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

    Administrators get a mail of what is in `actions.MAILED` only, and of no token that a
    provisioning client fetches: it does so once an hour.
    `changes`: attribute, before, after; private values are named only, not copied.
    Never talks to the broker: the relay does. Raises OutsideTransaction.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(action)
    said = parameters(
        action,
        organization_id=organization_id,
        actor=actor,
        target=target,
        changes=changes,
        context=context,
    )
    execute(_recording(), said)
    event_id: uuid.UUID = said["event_id"]
    return event_id


def parameters(
    action: Action,
    *,
    organization_id: uuid.UUID,
    actor: Actor,
    target: Target,
    changes: Sequence[Mapping[str, object]] = (),
    context: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return the parameters of `recorded`."""
    return {
        "event_id": new_id(),
        "event_organization_id": organization_id,
        "event_occurred_at": timezone.now(),
        "event_action": action.value,
        "event_schema_version": SCHEMA_VERSION,
        "event_actor": _named(actor),
        "event_target": _named(target),
        "event_changes": _json(list(changes)),
        "event_context": _json({"address": actor.address, **(context or {})}),
        "event_reference": actor.reference,
        "event_is_mailed": action in MAILED
        and (action, actor.kind)
        != (Action.TOKEN_ISSUED, ActorKind.PROVISIONING_CLIENT),
    }


def recorded(source: str, **said: str) -> str:
    """Return parts of a statement's WITH that record an event if `source` has a row.

    `said`: what the event says in expressions of that row.
    """
    return f"""
        event AS (
            {insertion_from(source, AuditEvent, "event_", **said)} RETURNING id
        ),
        delivery AS (
            INSERT INTO audit_auditdelivery
                (organization_id, event_id, sink_id, state, attempts, last_error)
            SELECT sink.organization_id, event.id, sink.id, 'pending', 0, ''
            FROM event, audit_auditsink sink
            WHERE sink.organization_id = %(event_organization_id)s AND sink.is_enabled
                AND (sink.kind <> 'mail' OR %(event_is_mailed)s)
        )
    """  # noqa: S608 - names of our models


def open_sinks(organization_id: uuid.UUID) -> None:
    """Give a new organization its first sinks: the structured log, and mail."""
    AuditSink.objects.bulk_create(
        AuditSink(organization_id=organization_id, kind=kind)
        for kind in (AuditSink.Kind.LOG, AuditSink.Kind.MAIL)
    )


def _named(one: Actor | Target) -> str:
    return _json({"kind": one.kind, "id": one.id, "label": one.label})


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


@cache
def _recording() -> str:
    return f"WITH one AS (SELECT 1), {recorded('one')} SELECT 1"
