"""An audit event as a mail: what happened, to whom it matters, what to do, where."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import ActorKind
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.audit_log.event_words import particulars
from chatwork_admin.portal.mails.credential_words import addresses_changed
from chatwork_admin.portal.mails.parts import Words
from chatwork_admin.portal.mails.receivers import languages_of
from chatwork_admin.portal.mails.words import words_of
from chatwork_admin.portal.texts import one_line

RULE = "\n" + "-" * 64 + "\n\n"


def letter(event: AuditEvent, organization: Organization, person: User) -> EmailMessage:
    """Return the mail. Sent again, it has the same Message-ID: it is the same mail."""
    subjects, bodies = [], []
    for language in languages_of(person):
        with override(language):
            words = words_of(event)
            subjects.append(str(words.subject))
            bodies.append(_body(event, words, organization))
    host = urlsplit(settings.BASE_URL).hostname
    return EmailMessage(
        subject=f"[Chatwork Admin] {' / '.join(subjects)}",
        body=RULE.join(bodies),
        to=[person.user_name],
        headers={
            "Message-ID": f"<{event.pk}.{person.pk}@{host}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834 §5: no machine answers it
        },
    )


def _body(event: AuditEvent, words: Words, organization: Organization) -> str:
    facts = (f"  {label}: {one_line(value)}" for label, value in _facts(event))
    paragraphs = [
        one_line(organization.name),
        str(words.sentence),
        "\n".join(facts),
        f"{words.advice}\n{_address(words, organization)}",
        str(words.why),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _address(words: Words, organization: Organization) -> str:
    is_its_own = words.url_name == "portal:dedicated-login"
    of_the_organization = [organization.slug] if is_its_own else []
    return settings.BASE_URL + reverse(words.url_name, args=of_the_organization)


def _facts(event: AuditEvent) -> Iterator[tuple[str, str]]:
    at = timezone.localtime(event.occurred_at)
    is_ours = event.actor["kind"] == ActorKind.SYSTEM
    is_certificate = event.target["kind"] == "certificate"
    thumbprint = gettext("Thumbprint (SHA-1, as Entra ID shows it)")
    known = {
        gettext("When"): f"{at:%Y-%m-%d %H:%M} ({at:%Z})",
        gettext("Who"): "" if is_ours else event.actor["label"],
        thumbprint if is_certificate else gettext("Target"): event.target["label"],
        gettext("IP address"): event.context.get("address"),
        gettext("Reference"): event.reference,
    }
    yield from ((label, value) for label, value in known.items() if value)
    yield from particulars(event)
    yield from addresses_changed(event)
