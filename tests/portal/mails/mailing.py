"""Events that are mailed, and what has become of the mails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction

from chatwork_admin.audit import delivery
from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditDelivery, AuditEvent, AuditSink
from chatwork_admin.audit.recording import SYSTEM, Actor, Target, record
from chatwork_admin.organizations.models import Organization
from tests.portal.mails.smtp_server import MailServer, mail_server

CERTIFICATE = Target("certificate", "1", "AB12" * 10)


@transaction.atomic
def happen(
    organization: Organization,
    action: Action = Action.BYPASS_USED,
    *,
    actor: Actor = SYSTEM,
    target: Target = CERTIFICATE,
    **context: object,
) -> AuditEvent:
    event_id = record(
        action,
        organization_id=organization.pk,
        actor=actor,
        target=target,
        context=context,
    )
    return AuditEvent.objects.get(pk=event_id)


def deliver(organization: Organization) -> None:
    sink = AuditSink.objects.get(organization_id=organization.pk, kind="mail")
    AuditSink.objects.update(not_before=None)
    delivery.drain(sink.pk)


def owed(organization: Organization) -> AuditDelivery | None:
    pending = AuditDelivery.objects.filter(organization_id=organization.pk)
    return pending.filter(sink__kind="mail").first()


def sent() -> list[EmailMessage]:
    return list(mail.outbox)


@contextmanager
def by_smtp(
    settings: Any, refusals: Mapping[str, str] | None = None
) -> Iterator[MailServer]:
    with mail_server(refusals) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server
