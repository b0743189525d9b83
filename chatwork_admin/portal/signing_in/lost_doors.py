"""Tell people their organization's login URL, by mail: only the mailbox learns of it.

Whoever asks gets the same answer for every address, after the same time. A mail is sent
by the outbox, never within the request, and once an hour at most for each person.
"""

from __future__ import annotations

import time
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
from chatwork_admin.client_addresses import client_address
from chatwork_admin.organizations.folding import fold
from chatwork_admin.organizations.models import User
from chatwork_admin.portal.texts import is_storable
from saml_sso.sign_in import rate

ONCE_IN = timedelta(hours=1)
ANSWERED_AFTER = 0.2  # seconds; an event takes 0.02, and who is unknown has none


def is_email(text: str) -> bool:
    """Say whether a text has the form of an e-mail address."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return is_storable(text)


def remind(request: HttpRequest, email: str) -> None:
    """Have the login URL sent to the active person with this login e-mail, if any.

    Raises rate.TooManyRequests for too many questions from one address.
    """
    asked_at = time.monotonic()
    rate.admit_visitor(client_address(request), rate.LOST)
    _remind(request, email)
    time.sleep(max(0, ANSWERED_AFTER - (time.monotonic() - asked_at)))


@transaction.atomic
def _remind(request: HttpRequest, email: str) -> None:
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
