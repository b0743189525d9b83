from __future__ import annotations

import logging
import socket
from typing import Any

import pytest

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.channels import channel_of
from chatwork_admin.audit.recording import Target
from chatwork_admin.organizations.models import Organization, User
from tests.conftest import actor_for
from tests.portal.mails.mailing import by_smtp, deliver, happen, owed, sent


def test_only_what_is_mailed_is_owed_to_the_mail_sink(acme: Organization) -> None:
    happen(acme, Action.USER_CHANGED)
    assert owed(acme) is None

    happen(acme, Action.BYPASS_USED)
    assert owed(acme) is not None


def test_the_administrator_and_user_managers_get_an_alarm_once_each(
    acme: Organization, globex: Organization, alice: User, carol: User, bob: User
) -> None:
    happen(acme, Action.BYPASS_USED, actor=actor_for(bob))

    deliver(acme)
    deliver(acme)
    deliver(globex)

    assert [each.to for each in sent()] == [["alice@acme.test"], ["carol@acme.test"]]
    assert owed(acme) is None


def test_suspended_and_deleted_user_managers_get_nothing(
    acme: Organization, carol: User
) -> None:
    User.objects.filter(pk=carol.pk).update(is_active=False)
    happen(acme)
    deliver(acme)

    assert [each.to for each in sent()] == [["alice@acme.test"]]


def test_provisioning_cannot_lead_alarms_to_another_address(
    acme: Organization, alice: User
) -> None:
    User.objects.filter(pk=alice.pk).update(work_email="elsewhere@evil.test")
    happen(acme)
    deliver(acme)

    assert sent()[0].to == ["alice@acme.test"]


def test_whoever_tries_again_and_again_fills_no_mailbox(
    acme: Organization, globex: Organization, bob: User, alice: User
) -> None:
    conflict = Action.IDENTITY_CONFLICT
    first = happen(acme, conflict, target=Target("user", str(bob.pk), bob.user_name))
    for _ in range(3):
        happen(acme, conflict, target=Target("user", str(bob.pk), bob.user_name))
    deliver(acme)
    assert len(sent()) == 1
    assert str(first.pk) in str(sent()[0].message()["Message-ID"])

    happen(acme, conflict, target=Target("user", str(alice.pk), alice.user_name))
    happen(globex, conflict, target=Target("user", str(bob.pk), bob.user_name))
    deliver(acme)
    deliver(globex)
    assert len(sent()) == 3


def test_an_emergency_code_is_told_of_each_time(acme: Organization) -> None:
    happen(acme)
    happen(acme)
    deliver(acme)

    assert len(sent()) == 2


def test_a_mail_reaches_a_mail_server_whole(
    acme: Organization, alice: User, settings: Any
) -> None:
    event = happen(acme)

    with by_smtp(settings) as server:
        deliver(acme)

    [got] = server.to("alice@acme.test")
    assert got["To"] == "alice@acme.test"
    assert got["From"] == "Chatwork Admin <noreply@admin.example.jp>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert str(event.pk) in got["Message-ID"]
    assert "緊急用ログイン" in got["Subject"]
    assert "Acme 株式会社" in got.get_content()


def test_while_the_mail_server_is_away_the_mail_waits_and_is_sent_later(
    acme: Organization, settings: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    happen(acme)

    deliver(acme)

    waiting = owed(acme)
    assert waiting is not None
    assert (waiting.attempts, waiting.last_error) == (1, "ConnectionRefusedError")
    with by_smtp(settings) as server:
        deliver(acme)
    assert len(server.mails) == 1
    assert owed(acme) is None


def test_who_has_a_mail_does_not_get_it_again_while_another_is_tried_again(
    acme: Organization, carol: User, settings: Any
) -> None:
    happen(acme)

    with by_smtp(settings, {"carol@acme.test": "450 busy"}) as server:
        deliver(acme)
        deliver(acme)
        assert len(server.mails) == 1
        waiting = owed(acme)
        assert waiting is not None
        assert (waiting.attempts, waiting.last_error) == (2, "SMTP 450")
        server.refusals = {}
        deliver(acme)

    assert len(server.to("alice@acme.test")) == 1
    assert len(server.to("carol@acme.test")) == 1
    assert owed(acme) is None


def test_whom_the_mail_server_refuses_for_good_does_not_hold_up_others(
    acme: Organization, carol: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    happen(acme)

    with (
        caplog.at_level(logging.WARNING),
        by_smtp(settings, {"alice@acme.test": "550 no such user"}) as server,
    ):
        deliver(acme)

    assert len(server.to("carol@acme.test")) == 1
    assert owed(acme) is None
    [line] = [record.__dict__ for record in caplog.records]
    assert line["status"] == 550
    assert "alice@acme.test" not in str(line)


def test_an_address_that_is_none_holds_up_nobody(
    acme: Organization, alice: User, carol: User
) -> None:
    User.objects.filter(pk=alice.pk).update(user_name="a b@acme.test\n")
    happen(acme)

    deliver(acme)

    assert [each.to for each in sent()] == [["carol@acme.test"]]
    assert owed(acme) is None


def test_mail_of_an_organization_that_is_gone_goes_nowhere(acme: Organization) -> None:
    event = happen(acme)
    event.organization_id = event.pk  # nobody's

    channel_of("mail").send(event, frozenset())

    assert not sent()
