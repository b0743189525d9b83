"""Mails to the support staff, as a sink of the outbox: each about what lets its reader in."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.channels import Channel, DeliveryFailed, was_told_lately
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.support.models import StaffMember

RULE = "\n" + "-" * 64 + "\n\n"
SUBJECTS: dict[str, Promise] = {
    Action.CODES_RESTING: _("Too many wrong one-time codes with your password"),
    Action.PASSWORD_CHANGED: _("Your password was changed"),
    Action.RECOVERY_CODE_USED: _("One of your recovery codes was used"),
    Action.RECOVERY_CODES_ISSUED: _("Recovery codes were issued to you"),
    Action.SECOND_FACTOR_REMOVED: _("Your app for one-time codes was removed"),
    Action.SECOND_FACTOR_SET_UP: _("An app for one-time codes was set up for you"),
    Action.SECURITY_KEY_ADDED: _("A security key was added to your account"),
    Action.SECURITY_KEY_DOUBTED: _("One of your security keys may have been copied"),
    Action.SECURITY_KEY_REMOVED: _("A security key was removed from your account"),
}

# Who tries again and again does not fill mailboxes.
ONCE_EACH: Mapping[str, timedelta] = {Action.CODES_RESTING: timedelta(days=1)}


def send(event: AuditEvent, received: frozenset[str]) -> None:
    """Write to whom it is about, while they belong to the staff. Raises DeliveryFailed."""
    if event.action not in SUBJECTS or was_told_lately(event, ONCE_EACH):
        return
    people = StaffMember.objects.filter(pk=event.target["id"], is_active=True)
    for member in people:
        try:
            _letter(event, member).send()
        except (OSError, smtplib.SMTPException) as failure:
            raise DeliveryFailed(type(failure).__name__, received) from None


def _letter(event: AuditEvent, member: StaffMember) -> EmailMessage:
    subjects, bodies = [], []
    for language in ("ja", "en"):  # nobody has said which one they read
        with override(language):
            subjects.append(str(SUBJECTS[event.action]))
            bodies.append("\n\n".join(_paragraphs(event)) + "\n")
    host = urlsplit(settings.BASE_URL).hostname
    return EmailMessage(
        subject=f"[Chatwork Admin] {' / '.join(subjects)}",
        body=RULE.join(bodies),
        to=[member.email],
        headers={
            "Message-ID": f"<{event.pk}.{member.pk}@{host}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834 §5: no machine answers it
        },
    )


def _paragraphs(event: AuditEvent) -> Iterator[str]:
    at = timezone.localtime(event.occurred_at)
    yield str(SUBJECTS[event.action])
    yield f"  {at:%Y-%m-%d %H:%M} ({at:%Z}), {event.context.get('address') or '-'}"
    yield gettext("If it was not you, tell who operates this installation at once.")
    yield settings.BASE_URL + reverse("admin:second-factor")


CHANNEL = Channel(send)
