"""A session ends when nobody is there, when its day is over, or sooner; that is noticed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import User, UserSession
from chatwork_admin.organizations.models.sessions import Began, Why
from chatwork_admin.organizations.sessions import ending, limits, starting
from tests.conftest import signed_in
from tests.organizations.sessions.test_sessions import (
    PAGE,
    alter,
    is_in,
    row_of,
)


@pytest.mark.parametrize("minutes", [29, 31])
def test_an_administrators_session_lies_idle_for_half_an_hour(
    as_carol: Client, carol: User, minutes: int
) -> None:
    alter(carol, last_seen_at=timezone.now() - timedelta(minutes=minutes))

    assert is_in(as_carol) == (minutes < 30)


def limits_recorded() -> list[AuditEvent]:
    events = AuditEvent.objects.filter(action=Action.SESSION_ENDED)
    return [each for each in events if each.context["why"] in {"idle", "expired"}]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"last_seen_at": timedelta(minutes=31)}, "idle"),
        ({"expires_at": timedelta(0)}, "expired"),
    ],
)
def test_a_limit_that_was_reached_is_recorded_once_when_it_is_noticed(
    as_alice: Client, alice: User, columns: dict[str, timedelta], why: str
) -> None:
    alter(alice, **{name: timezone.now() - ago for name, ago in columns.items()})
    assert not limits_recorded()

    response = as_alice.get(PAGE)
    as_alice.get(PAGE)
    limits.note_limits()

    (event,) = limits_recorded()
    assert event.context["why"] == why
    assert event.actor["kind"] == "system"
    assert event.target["id"] == str(alice.pk)
    assert event.reference == response["X-Request-Id"]
    assert UserSession.objects.get(user=alice).ended_why == why


def test_a_limit_is_noticed_although_nobody_comes_back(
    alice: User, bob: User, carol: User, mallory: User
) -> None:
    for each in (alice, bob, carol, mallory):
        signed_in(each)
    alter(alice, last_seen_at=timezone.now() - timedelta(minutes=31))
    alter(bob, last_seen_at=timezone.now() - timedelta(minutes=31))  # a member may
    alter(mallory, expires_at=timezone.now())

    assert limits.note_limits() == 2
    assert limits.note_limits() == 0

    ended = {event.target["id"] for event in limits_recorded()}
    assert ended == {str(alice.pk), str(mallory.pk)}
    assert {event.organization_id for event in limits_recorded()} == {
        alice.organization_id,
        mallory.organization_id,
    }
    assert row_of(bob).ended_at is row_of(carol).ended_at is None


def test_a_session_that_was_ended_reaches_no_limit(
    as_alice: Client, alice: User
) -> None:
    ending.end_session(row_of(alice), why=Why.ADMINISTRATOR, actor=SYSTEM)
    alter(alice, expires_at=timezone.now())
    as_alice.get(PAGE)
    limits.note_limits()

    assert not limits_recorded()


@pytest.mark.parametrize("minutes", [239, 241])
def test_a_members_session_lies_idle_for_four_hours(bob: User, minutes: int) -> None:
    client = signed_in(bob)
    alter(bob, last_seen_at=timezone.now() - timedelta(minutes=minutes))

    assert (client.get(PAGE).status_code == 403) == (minutes < 240)


def test_no_session_outlives_its_day_however_busy(
    as_alice: Client, alice: User
) -> None:
    alter(alice, expires_at=timezone.now())

    assert not is_in(as_alice)


@pytest.mark.parametrize(("hours", "lasts"), [(1, 1), (48, 12)])
def test_the_identity_providers_limit_is_heeded_if_it_is_sooner(
    bob: User, hours: int, lasts: int
) -> None:
    ends_at = timezone.now() + timedelta(hours=hours)
    signed_in(bob, began=Began.SAML, saml=an_assertion(ends_at=ends_at))

    row = row_of(bob)
    until = row.expires_at - row.started_at
    assert timedelta(hours=lasts) - until < timedelta(minutes=1)


def test_each_minute_of_presence_is_written_once(as_alice: Client, alice: User) -> None:
    before = row_of(alice).last_seen_at
    is_in(as_alice)
    assert row_of(alice).last_seen_at == before

    alter(alice, last_seen_at=before - timedelta(minutes=2))
    is_in(as_alice)
    assert row_of(alice).last_seen_at > before


def test_a_page_that_refreshes_itself_is_nobodys_presence(
    as_alice: Client, alice: User
) -> None:
    long_ago = timezone.now() - timedelta(minutes=20)
    alter(alice, last_seen_at=long_ago)
    as_alice.get("/manage/sync/status/", headers={"HX-Request": "true"})

    assert row_of(alice).last_seen_at == long_ago


def test_what_ended_long_ago_is_forgotten(alice: User, carol: User) -> None:
    signed_in(alice)
    signed_in(carol)
    alter(alice, expires_at=timezone.now() - timedelta(days=31))

    assert ending.forget_ended() == 1
    assert row_of(carol).ended_at is None


def an_assertion(*, ends_at: datetime | None = None) -> starting.SamlSession:
    return starting.SamlSession(
        issuer="https://sts.windows.net/8adf8e6e/",
        name_id="bob@acme.test",
        session_index="_a1",
        authenticated_at=timezone.now(),
        ends_at=ends_at,
    )
