"""Administrators hear in time of what lets Entra ID in and ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from chatwork_admin.audit import delivery
from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent, AuditSink
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import clients, grants, tokens
from chatwork_admin.authorization.models import AccessToken, Grant
from chatwork_admin.authorization.reminders import warn_of_ends
from chatwork_admin.authorization.tasks import warn_of_ends as task
from chatwork_admin.celery import app
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from tests.authorization.conftest import Later, another_secret, granted, registered
from tests.conftest import actor_for, enable

Make = Callable[[Organization], None]
HALF_A_YEAR = timedelta(days=180)


def token(organization: Organization) -> None:
    ends_at = timezone.now() + HALF_A_YEAR
    tokens.issue(organization, name="Okta", expires_at=ends_at, actor=SYSTEM)


def secret(organization: Organization) -> None:
    row = registered(organization).row
    row.secrets.update(expires_at=timezone.now() + HALF_A_YEAR)


def grant(organization: Organization) -> None:
    granted(organization)
    used_at = timezone.now() + HALF_A_YEAR - timedelta(days=90)
    Grant.objects.filter(organization=organization).update(last_used_at=used_at)


KINDS = {"token": token, "client": secret, "grant": grant}
by_kind = pytest.mark.parametrize(("kind", "make"), KINDS.items(), ids=[*KINDS])


def warnings(organization: Organization | None = None) -> list[int]:
    events = AuditEvent.objects.filter(action=Action.CREDENTIAL_EXPIRING)
    if organization is not None:
        events = events.filter(organization_id=organization.pk)
    return [event.context["days"] for event in events.order_by("id")]


@pytest.mark.parametrize(
    ("left", "days"),
    [
        ({"days": 60, "minutes": 1}, []),
        ({"days": 59, "hours": 23}, [60]),
        ({"days": 29}, [30]),
        ({"days": 13}, [14]),
        ({"days": 6}, [7]),
        ({"hours": 23}, [1]),
        ({"minutes": -1}, [0]),
        ({"days": -6}, [0]),
        ({"days": -8}, []),
    ],
)
@by_kind
def test_the_most_urgent_warning_is_recorded_and_no_other(
    enabled_acme: Organization,
    later: Later,
    kind: str,
    make: Make,
    left: dict[str, float],
    days: list[int],
) -> None:
    make(enabled_acme)
    moment = HALF_A_YEAR - timedelta(**left)
    later(seconds=moment.total_seconds())

    assert warn_of_ends() == len(days)
    assert warnings() == days


@by_kind
def test_each_warning_comes_once_as_time_goes_by(
    enabled_acme: Organization, later: Later, kind: str, make: Make
) -> None:
    make(enabled_acme)
    for left in (90, 59, 58, 29, 28, 13, 6, 3, 0.9, 0.1, -0.1, -3, -30):
        later(days=180 - left)
        task()
        task()

    assert warnings() == [60, 30, 14, 7, 1, 0]


def test_it_is_looked_for_every_hour() -> None:
    [entry] = [
        each
        for each in app.conf.beat_schedule.values()
        if each["task"] == "chatwork_admin.authorization.tasks.warn_of_ends"
    ]
    assert entry["schedule"].hour == set(range(24))
    assert len(entry["schedule"].minute) == 1


@by_kind
def test_what_was_ended_by_hand_or_with_synchronization_is_not_warned_of(
    enabled_acme: Organization, alice: User, later: Later, kind: str, make: Make
) -> None:
    make(enabled_acme)
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))
    later(days=175)

    assert warn_of_ends() == 0


def test_what_was_revoked_or_removed_is_not_warned_of(
    enabled_acme: Organization, later: Later
) -> None:
    for make in KINDS.values():
        make(enabled_acme)
    tokens.revoke(enabled_acme, enabled_acme.access_tokens.get().pk, actor=SYSTEM)
    clients.remove(enabled_acme, enabled_acme.oauth_clients.get().pk, actor=SYSTEM)
    grants.revoke(enabled_acme, enabled_acme.grants.get().pk, actor=SYSTEM)
    later(days=175)

    assert warn_of_ends() == 0


def test_what_never_ends_and_what_clients_fetch_themselves_is_not_warned_of(
    enabled_acme: Organization, later: Later
) -> None:
    tokens.issue(enabled_acme, name="x", expires_at=None, actor=SYSTEM)
    client = registered(enabled_acme).row
    client.secrets.update(expires_at=timezone.now() + timedelta(days=900))
    soon = timezone.now() + timedelta(hours=1)
    AccessToken.objects.create(
        organization=enabled_acme, client=client, expires_at=soon, digest="x"
    )

    assert warn_of_ends() == 0


def test_a_grant_that_is_used_again_is_warned_of_again(
    enabled_acme: Organization, later: Later
) -> None:
    grant(enabled_acme)
    later(days=100)
    assert warn_of_ends() == 0
    later(days=175)
    assert warn_of_ends() == 1
    Grant.objects.update(last_used_at=timezone.now())
    assert warn_of_ends() == 0

    later(days=175 + 85)
    assert warn_of_ends() == 1
    assert warnings() == [7, 7]


def test_a_grant_that_a_later_one_has_replaced_is_missed_by_nobody(
    enabled_acme: Organization, later: Later
) -> None:
    granted(enabled_acme)
    granted(enabled_acme)
    Grant.objects.update(last_used_at=timezone.now())
    old, new = Grant.objects.order_by("pk")
    Grant.objects.filter(pk=old.pk).update(last_used_at=old.issued_at)
    later(days=89.5)

    assert warn_of_ends() == 1

    [event] = AuditEvent.objects.filter(action=Action.CREDENTIAL_EXPIRING)
    assert event.target["id"] == str(new.pk)


def test_each_organization_is_warned_of_its_own(
    enabled_acme: Organization, globex: Organization, later: Later
) -> None:
    enable(globex)
    token(enabled_acme)
    secret(globex)
    later(days=170)

    warn_of_ends()

    assert (warnings(enabled_acme), warnings(globex)) == ([14], [14])
    of_globex = AuditEvent.objects.get(
        action=Action.CREDENTIAL_EXPIRING, organization_id=globex.pk
    )
    assert of_globex.target["kind"] == "client"


def test_the_mail_names_it_and_never_shows_it(
    enabled_acme: Organization, later: Later
) -> None:
    ends_at = timezone.now() + HALF_A_YEAR
    _, shown = tokens.issue(enabled_acme, name="Okta", expires_at=ends_at, actor=SYSTEM)
    row = registered(enabled_acme).row
    secret_shown = another_secret(row, "portal")
    row.secrets.filter(note="portal").update(expires_at=ends_at)
    later(days=160)
    task()
    for sink in AuditSink.objects.filter(organization_id=enabled_acme.pk):
        delivery.drain(sink.pk)

    bodies = [each.body for each in mail.outbox if "end" in each.subject]
    of_token, of_secret = [body for body in bodies if "30" in body]
    assert "Okta" in of_token
    assert "Entra ID" in of_secret
    assert "portal" in of_secret
    for said in (shown, secret_shown):
        assert said not in str(bodies)
        assert said.rpartition("_")[0][-4:] not in str(bodies)
