"""Requests as Django answers them, and as they are answered before it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.utils import timezone

from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Group, Membership, Organization
from chatwork_admin.reference_numbers import new_reference
from chatwork_admin.synchronization.models import UserSynchronization
from scim.frequent import reads
from tests.scim.conftest import USERS, Provisioning

Environ = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """An answer; its reference differs from request to request."""

    status: str
    headers: dict[str, str]
    body: bytes
    reference: str = field(compare=False)


def asked(application: Any, environ: Environ) -> Said:
    started: list[Any] = []
    body = b"".join(application(environ, lambda *said: started.extend(said)))
    headers = dict(started[1])
    return Said(started[0], headers, body, headers.pop("X-Request-Id"))


def by_django(environ: Environ) -> Said:
    return asked(django, environ)


def django(environ: Environ, start_response: Any) -> Any:
    """Django, within the test's transaction (as django.test.Client has it)."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    try:
        return WSGIHandler()(environ, start_response)
    finally:
        signals.request_finished.connect(close_old_connections)
        signals.request_started.connect(close_old_connections)


def at_once(environ: Environ) -> Said | None:
    """The answer that needs no Django; None for what goes the long way."""
    found = reads.answer(environ)
    if found is None:
        return None
    headers = dict(found[0])
    reference = headers.pop("X-Request-Id")
    return Said("200 OK", headers, found[1].encode(), reference)


def match(user_name: str) -> str:
    expression = f'userName eq "{user_name}"'
    return f"{USERS}?filter={quote(expression)}"


def join(user: str, organization: Organization, number: int) -> None:
    """Have a user join so many new groups."""
    groups = Group.objects.bulk_create(
        Group(organization=organization, display_name_key=new_reference())
        for _ in range(number)
    )
    Membership.objects.bulk_create(
        Membership(organization=organization, group=group, user_id=user)
        for group in groups
    )


def here(client: Provisioning) -> dict[str, str]:
    """Return the headers of a client that was here a moment ago, until its test ends."""
    client.get(USERS, count=0)
    later = timezone.now() + timedelta(hours=1)
    AccessToken.objects.update(last_used_at=later)
    UserSynchronization.objects.update(last_contact_at=later)
    return {"HTTP_AUTHORIZATION": client.client.defaults["HTTP_AUTHORIZATION"]}
