"""Mail, mostly to administrators, as a sink of the outbox: at least once, never in a request."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.channels import Channel, DeliveryFailed, was_told_lately
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.mails.letters import letter
from chatwork_admin.portal.mails.receivers import person_meant, receivers
from chatwork_admin.portal.mails.words import words_of

logger = logging.getLogger(__name__)

# Who tries again and again does not fill mailboxes.
ONCE_EACH: Mapping[str, timedelta] = {
    Action.CODES_RESTING: timedelta(days=1),
    Action.IDENTITY_CONFLICT: timedelta(hours=1),
}
UNTOLD = {"sign_requests", "allow_idp_initiated"}
FINAL = 500  # RFC 5321 §4.2.1: from here on, trying again is of no use


def send(event: AuditEvent, received: frozenset[str]) -> None:
    """Write to everybody who has not `received` it. Raises DeliveryFailed.

    Whom the mail server refuses for good is noted in the log, by id, and left out.
    """
    organization = Organization.objects.filter(pk=event.organization_id).first()
    if organization is None or not _matters(event) or was_told_lately(event, ONCE_EACH):
        return
    words = words_of(event)
    people = (
        person_meant(organization, event)
        if words.to_person_meant
        else receivers(organization, user_managers=words.to_user_managers)
    )
    missing = [person for person in people if str(person.pk) not in received]
    if missing:
        _send(event, organization, missing, received)


def _matters(event: AuditEvent) -> bool:
    """Whether requests are signed, and who begins, changes nothing of whom we believe."""
    if event.action not in {Action.SAML_UPDATED, Action.SAML_RESTORED}:
        return True
    changed = {each["attribute"] for each in event.changes}
    return not changed or not changed <= UNTOLD


def _send(
    event: AuditEvent,
    organization: Organization,
    people: Iterable[User],
    received: frozenset[str],
) -> None:
    reason = ""
    try:
        with get_connection() as connection:
            for person in people:
                mail = letter(event, organization, person)
                if later := _try(connection, mail, event, person):
                    reason = later
                else:
                    received |= {str(person.pk)}
    except (OSError, smtplib.SMTPException) as failure:  # the server, not one address
        raise DeliveryFailed(type(failure).__name__, received) from None
    if reason:
        raise DeliveryFailed(reason, received)


def _try(
    connection: BaseEmailBackend, mail: EmailMessage, event: AuditEvent, person: User
) -> str:
    """Return why it must be tried again; empty when it is settled."""
    try:
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as refused:
        code = min(code for code, _ in refused.recipients.values())
    except smtplib.SMTPDataError as refused:
        code = refused.smtp_code
    except ValueError:  # the login e-mail is no address that a mail can go to
        code = FINAL
    else:
        return ""
    if code < FINAL:
        return f"SMTP {code}"
    ids = {"event_id": str(event.pk), "user_id": str(person.pk), "status": code}
    logger.warning("mail refused", extra=ids)
    return ""


# With a slow server and many receivers it takes a while; after the last attempt, some
# twelve hours have passed.
CHANNEL = Channel(send, lease=timedelta(minutes=1), attempts=60)
