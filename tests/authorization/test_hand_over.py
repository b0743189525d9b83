"""What the former administrator has authorized goes on, and is asked for anew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from chatwork_admin.audit import delivery
from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent, AuditSink
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import grants, hand_over, tokens
from chatwork_admin.authorization.models import Grant
from chatwork_admin.authorization.tasks import warn_of_ends
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers.administrators import NotTransferable
from tests.authorization.conftest import Later, granted, registered
from tests.conftest import actor_for, enable


@pytest.fixture
def jiro(acme: Organization, bob: User) -> User:
    bob.set_password("a long password of his")
    bob.last_login = timezone.now()
    bob.save()
    return bob


def transfer(giver: User, receiver: User) -> None:
    hand_over.transfer(
        giver.organization, giver=giver, receiver=receiver, actor=actor_for(giver)
    )


def be_due_in(grant: Grant, **time: float) -> None:
    Grant.objects.filter(pk=grant.pk).update(
        hand_over_by=timezone.now() + timedelta(**time)
    )


def reminders() -> list[int]:
    events = AuditEvent.objects.filter(action=Action.GRANT_HANDOVER_DUE)
    return [event.context["days"] for event in events.order_by("id")]


def test_a_transfer_asks_to_authorize_again_within_fourteen_days(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    grant = granted(enabled_acme)
    assert hand_over.to_hand_over(enabled_acme) == []

    transfer(alice, jiro)

    [asked] = hand_over.to_hand_over(enabled_acme)
    assert asked == grant
    assert asked.hand_over_by is not None
    left = asked.hand_over_by - timezone.now()
    assert timedelta(days=13, hours=23) < left <= timedelta(days=14)
    event = AuditEvent.objects.get(action=Action.ADMINISTRATOR_TRANSFERRED)
    assert event.context["connections"] == ["Microsoft Entra ID (alice@acme.test)"]
    assert event.context["authorize_by"]


def test_without_connections_a_transfer_says_nothing_of_any(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    transfer(alice, jiro)

    event = AuditEvent.objects.get(action=Action.ADMINISTRATOR_TRANSFERRED)
    assert "connections" not in event.context


def test_a_transfer_names_what_whoever_issued_it_has_seen(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    registered(enabled_acme)
    tokens.issue(enabled_acme, name="portal", expires_at=None, actor=actor_for(alice))
    _, revoked = (
        tokens.issue(enabled_acme, name=name, expires_at=None, actor=SYSTEM)
        for name in ("nightly", "old")
    )
    tokens.revoke(enabled_acme, revoked[0].pk, actor=SYSTEM)

    transfer(alice, jiro)

    event = AuditEvent.objects.get(action=Action.ADMINISTRATOR_TRANSFERRED)
    portal, nightly, secret = event.context["seen"]
    assert portal == "portal (alice@acme.test)"
    assert nightly.startswith("nightly")
    assert secret.startswith("Entra ID, first")


def test_a_transfer_that_is_refused_asks_for_nothing(
    enabled_acme: Organization, alice: User, bob: User
) -> None:
    granted(enabled_acme)

    with pytest.raises(NotTransferable):
        transfer(alice, bob)

    assert hand_over.to_hand_over(enabled_acme) == []


def test_who_gets_the_right_back_is_not_asked_for_what_was_theirs(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    granted(enabled_acme)
    transfer(alice, jiro)
    of_jiro = granted(enabled_acme)
    User.objects.filter(pk=alice.pk).update(last_login=timezone.now())

    transfer(User.objects.get(pk=jiro.pk), User.objects.get(pk=alice.pk))

    assert hand_over.to_hand_over(enabled_acme) == [of_jiro]


def test_a_transfer_to_oneself_moves_no_date(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    grant = granted(enabled_acme)
    transfer(alice, jiro)
    be_due_in(grant, days=3)
    before = Grant.objects.get().hand_over_by

    now_administrator = User.objects.get(pk=jiro.pk)
    transfer(now_administrator, now_administrator)

    assert Grant.objects.get().hand_over_by == before


def test_the_neighbours_connections_are_not_asked_about(
    enabled_acme: Organization, globex: Organization, alice: User, jiro: User
) -> None:
    enable(globex)
    theirs = granted(globex)

    transfer(alice, jiro)

    theirs.refresh_from_db()
    assert theirs.hand_over_by is None


def test_a_second_connection_overlaps_and_the_first_is_let_go_when_it_is_used_no_more(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    old = granted(enabled_acme)
    transfer(alice, jiro)

    new = granted(enabled_acme)

    assert grants.replaced_in(enabled_acme) == [old]
    assert hand_over.to_hand_over(enabled_acme) == []
    assert {*hand_over.in_use(enabled_acme)} == {new}
    old.refresh_from_db()
    assert old.is_alive(None)  # nothing is cut off


def test_a_former_connection_that_is_still_used_beside_the_new_is_asked_for(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    old = granted(enabled_acme)
    transfer(alice, jiro)
    granted(enabled_acme)

    Grant.objects.filter(pk=old.pk).update(last_used_at=timezone.now())

    assert hand_over.to_hand_over(enabled_acme) == [old]


def test_a_new_connection_of_another_client_replaces_none(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    old = granted(enabled_acme)
    transfer(alice, jiro)
    new = granted(enabled_acme)
    Grant.objects.filter(pk=new.pk).update(client=registered(enabled_acme).row)

    assert hand_over.to_hand_over(enabled_acme) == [old]


def test_reminders_come_once_each_and_nothing_ends_when_time_is_over(
    enabled_acme: Organization, alice: User, jiro: User, later: Later
) -> None:
    grant = granted(enabled_acme)
    transfer(alice, jiro)
    for days in (0, 6, 7.5, 9, 13.1, 13.9, 14.1, 16, 22):
        later(days=days)
        warn_of_ends()
        warn_of_ends()

    assert reminders() == [7, 1, 0]
    grant.refresh_from_db()
    assert grant.is_alive(None)
    assert hand_over.to_hand_over(enabled_acme) == [grant]


def test_who_has_authorized_again_is_not_reminded(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    old = granted(enabled_acme)
    transfer(alice, jiro)
    be_due_in(old, days=0.5)
    granted(enabled_acme)

    warn_of_ends()

    assert reminders() == []


def test_a_revoked_connection_is_not_reminded_of(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    old = granted(enabled_acme)
    transfer(alice, jiro)
    be_due_in(old, days=0.5)
    grants.revoke(enabled_acme, old.pk, actor=actor_for(jiro))

    warn_of_ends()

    assert reminders() == []


def test_the_mails_name_the_connection_and_who_gave_it(
    enabled_acme: Organization, alice: User, jiro: User, later: Later
) -> None:
    granted(enabled_acme)
    transfer(alice, jiro)
    for days in (13.5, 14.5):
        later(days=days)
        warn_of_ends()

    for sink in AuditSink.objects.filter(organization_id=enabled_acme.pk):
        delivery.drain(sink.pk)

    to_new = [each for each in mail.outbox if each.to == ["bob@acme.test"]][-3:]
    subjects = [each.subject.split(" / ")[1] for each in to_new]
    assert subjects == [
        "The administrator right was transferred",
        "Authorize Entra ID again",
        "Entra ID was not authorized again in time",
    ]
    assert all("Microsoft Entra ID" in each.body for each in to_new)
    assert all("alice@acme.test" in each.body for each in to_new)
    assert "Nothing is cut off" in to_new[-1].body


@pytest.mark.django_db(transaction=True)
def test_who_authorizes_while_the_right_is_transferred_is_seen(
    enabled_acme: Organization, alice: User, jiro: User
) -> None:
    """Either the transfer sees the grant, or the grant is refused."""

    def transferring() -> None:
        try:
            transfer(alice, jiro)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            granted(enabled_acme)
            waiting = pool.submit(transferring)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        waiting.result(timeout=20)

    assert len(hand_over.to_hand_over(enabled_acme)) == 1
