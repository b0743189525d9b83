from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction

from chatwork_admin.audit import delivery
from chatwork_admin.audit.actions import MAILED, Action
from chatwork_admin.audit.channels import channel_of
from chatwork_admin.audit.models import AuditDelivery, AuditEvent, AuditSink
from chatwork_admin.audit.recording import SYSTEM, Actor, ActorKind, Target, record
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.mails.letters import letter
from chatwork_admin.portal.mails.receivers import languages_of
from chatwork_admin.portal.mails.words import WORDS, words_of
from tests.conftest import actor_for
from tests.portal.smtp_server import MailServer, mail_server

CERTIFICATE = Target("certificate", "1", "AB12" * 10)


@transaction.atomic
def happen(
    organization: Organization,
    action: Action = Action.BYPASS_USED,
    *,
    actor: Actor = SYSTEM,
    target: Target = CERTIFICATE,
    **context: object,
) -> AuditEvent:
    return record(
        action,
        organization_id=organization.pk,
        actor=actor,
        target=target,
        context=context,
    )


def deliver(organization: Organization) -> None:
    sink = AuditSink.objects.get(organization_id=organization.pk, kind="mail")
    AuditSink.objects.update(not_before=None)
    delivery.drain(sink.pk)


def owed(organization: Organization) -> AuditDelivery | None:
    pending = AuditDelivery.objects.filter(organization_id=organization.pk)
    return pending.filter(sink__kind="mail").first()


def sent() -> list[EmailMessage]:
    return list(mail.outbox)


@contextmanager
def by_smtp(
    settings: Any, refusals: Mapping[str, str] | None = None
) -> Iterator[MailServer]:
    with mail_server(refusals) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_every_action_that_is_mailed_has_words_and_no_other() -> None:
    assert {*WORDS, Action.SAML_CERTIFICATE_EXPIRING} == MAILED


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


def test_news_of_certificates_go_to_the_administrator_alone(
    acme: Organization, carol: User
) -> None:
    happen(acme, Action.SAML_CERTIFICATE_ADDED)
    deliver(acme)

    assert [each.to for each in sent()] == [["alice@acme.test"]]


def test_a_mail_about_a_certificate_names_it_and_not_us(
    acme: Organization, alice: User
) -> None:
    alice.document["preferredLanguage"] = "en"

    text = letter(happen(acme, Action.SAML_CERTIFICATE_ADDED), acme, alice).body

    assert f"Thumbprint (SHA-1, as Entra ID shows it): {CERTIFICATE.label}\n" in text
    assert "Who:" not in text


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


def test_a_mail_says_what_when_who_where_and_what_to_do(
    acme: Organization, alice: User
) -> None:
    event = happen(acme, actor=actor_for(alice), codes_left=9)

    text = letter(event, acme, alice).body

    for words in (
        "Acme 株式会社",
        "Somebody signed in around SAML",
        "Who: alice@acme.test",
        "IP address: 192.0.2.1",
        "Reference: TEST-REF",
        "(JST)",
        "https://admin.example.jp/manage/audit/",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("preferred", "languages"),
    [
        ("ja-JP", ("ja",)),
        ("ja", ("ja",)),
        ("JA-jp, en;q=0.5", ("ja",)),
        ("en-US", ("en",)),
        ("fr", ("ja", "en")),
        ("", ("ja", "en")),
        (None, ("ja", "en")),
        (["ja"], ("ja", "en")),
    ],
)
def test_a_mail_is_in_the_language_a_person_prefers_or_in_both(
    alice: User, preferred: object, languages: tuple[str, ...]
) -> None:
    alice.document["preferredLanguage"] = preferred
    assert languages_of(alice) == languages


def test_a_mail_in_both_languages_says_everything_twice(
    acme: Organization, alice: User
) -> None:
    both = letter(happen(acme), acme, alice)

    assert both.subject == (
        "[Chatwork Admin] 緊急用コードが使用されました / An emergency code was used"
    )
    japanese, english = both.body.split("-" * 64)
    assert "監査ログ" in japanese
    assert "audit log" in english


def test_a_mail_in_one_language_has_nothing_of_the_other(
    acme: Organization, alice: User
) -> None:
    alice.document["preferredLanguage"] = "en-GB"
    one = letter(happen(acme), acme, alice)

    assert one.subject == "[Chatwork Admin] An emergency code was used"
    assert one.body.replace("Acme 株式会社", "").isascii()


def test_a_customers_text_stays_on_its_line(acme: Organization, alice: User) -> None:
    forged = "Bob\r\n\r\nYour password has expired:\nhttps://evil.test/\u202e\x1b[31m"
    acme.name = forged
    actor = Actor(ActorKind.PERSON, "1", forged)

    text = letter(happen(acme, actor=actor), acme, alice).body

    assert "Who: Bob Your password has expired: https://evil.test/ [31m\n" in text
    assert not [line for line in text.splitlines() if line.startswith("https://evil")]


def test_the_same_mail_has_the_same_id_and_two_mails_have_two(
    acme: Organization, alice: User, carol: User
) -> None:
    event, other = happen(acme), happen(acme)

    def ids(*letters: EmailMessage) -> set[str]:
        return {str(each.message()["Message-ID"]) for each in letters}

    again = letter(event, acme, alice), letter(event, acme, alice)
    assert len(ids(*again)) == 1
    others = letter(event, acme, carol), letter(other, acme, alice)
    assert len(ids(*again, *others)) == 3
    assert ids(*again).pop().endswith("@admin.example.jp>")


@pytest.mark.parametrize(
    ("days", "successor", "subject"),
    [
        (60, "", "The SAML certificate expires within 60 days"),
        (1, "", "The SAML certificate expires within 1 day"),
        (7, "CD34", "The SAML certificate expires within 7 days"),
        (0, "", "The SAML certificate has expired"),
    ],
)
def test_the_subject_of_a_warning_says_how_many_days_are_left(
    acme: Organization, alice: User, days: int, successor: str, subject: str
) -> None:
    alice.document["preferredLanguage"] = "en"
    event = happen(
        acme, Action.SAML_CERTIFICATE_EXPIRING, days=days, successor=successor
    )

    mail = letter(event, acme, alice)

    assert mail.subject == f"[Chatwork Admin] {subject}"
    assert ("is trusted already" in mail.body) is bool(successor)


@pytest.mark.parametrize(("days", "everybody"), [(30, False), (7, True), (0, True)])
def test_user_managers_are_told_when_it_gets_urgent(
    acme: Organization, days: int, *, everybody: bool
) -> None:
    event = happen(acme, Action.SAML_CERTIFICATE_EXPIRING, days=days, successor="")
    assert words_of(event).to_user_managers is everybody


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
    assert "緊急用コード" in got["Subject"]
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
