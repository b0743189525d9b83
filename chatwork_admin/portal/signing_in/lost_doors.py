"""Tell people their organization's login URL, by mail: only the mailbox learns of it.

Whoever asks gets the same answer for every address. A mail is sent by the outbox, never
within the request, and once an hour at most for each person.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import Target, record
from chatwork_admin.audit.visitors import visitor
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import User
from chatwork_admin.portal.texts import is_storable

ONCE_IN = timedelta(hours=1)


def is_email(text: str) -> bool:
    """Say whether a text has the form of an e-mail address."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return is_storable(text)


@transaction.atomic
def remind(request: HttpRequest, email: str) -> None:
    """Have the login URL sent to the active person with this login e-mail, if any."""
    people = User.objects.present().filter(user_name_key=fold(email), is_active=True)
    person = people.select_for_update(no_key=True).first()
    if person is None or _was_reminded_lately(person):
        return
    record(
        Action.LOGIN_URL_REQUESTED,
        organization_id=person.organization_id,
        actor=visitor(request),
        target=Target("user", str(person.pk), person.user_name),
    )


def _was_reminded_lately(person: User) -> bool:
    return AuditEvent.objects.filter(
        organization_id=person.organization_id,
        action=Action.LOGIN_URL_REQUESTED,
        occurred_at__gt=timezone.now() - ONCE_IN,
        target__id=str(person.pk),
    ).exists()
