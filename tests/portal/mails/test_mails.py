from __future__ import annotations

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from chatwork_admin.audit.actions import MAILED, Action
from chatwork_admin.audit.recording import Actor, ActorKind, Target
from chatwork_admin.authorization import hand_over
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.portal.mails.letters import letter
from chatwork_admin.portal.mails.receivers import languages_of
from chatwork_admin.portal.mails.saml_words import MODES
from chatwork_admin.portal.mails.words import DEPENDING, WORDS, words_of
from saml_sso.identity_providers import configuration, modes
from saml_sso.identity_providers.modes import Mode
from saml_sso.identity_providers.options import Options
from saml_sso.models import IdentityProvider
from tests.conftest import actor_for
from tests.portal.mails.mailing import CERTIFICATE, deliver, happen, owed, sent
from tests.saml_sso.test_modes import make_ready

NameIDFormat = IdentityProvider.NameIDFormat


def test_every_action_that_is_mailed_has_words_and_no_other() -> None:
    assert {*WORDS, *DEPENDING} == MAILED
    assert set(MODES) == set(IdentityProvider.Mode.values)


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
        "[Chatwork Admin] 緊急用ログインが使用されました / Emergency access was used"
    )
    japanese, english = both.body.split("-" * 64)
    assert "監査ログ" in japanese
    assert "audit log" in english


def test_a_mail_in_one_language_has_nothing_of_the_other(
    acme: Organization, alice: User
) -> None:
    alice.document["preferredLanguage"] = "en-GB"
    one = letter(happen(acme), acme, alice)

    assert one.subject == "[Chatwork Admin] Emergency access was used"
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


def test_each_change_of_mode_is_told_with_who_made_it(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    alice.document["preferredLanguage"] = "en"
    alice.save()
    make_ready(acme_idp, alice)
    deliver(acme)  # that there are emergency codes
    before = len(sent())
    for mode in (Mode.OPTIONAL, Mode.REQUIRED, Mode.OPTIONAL, Mode.OFF):
        modes.switch(acme, mode, administrator=alice, actor=actor_for(alice))
    deliver(acme)

    assert [each.subject for each in sent()[before:]] == [
        "[Chatwork Admin] SAML sign-in is optional now",
        "[Chatwork Admin] SAML sign-in is required now",
        "[Chatwork Admin] SAML sign-in is optional now",
        "[Chatwork Admin] SAML sign-in was switched off",
    ]
    assert all("Who: alice@acme.test" in each.body for each in sent()[before:])


@pytest.mark.parametrize(("days", "everybody"), [(30, False), (7, True), (0, True)])
def test_user_managers_are_told_when_it_gets_urgent(
    acme: Organization, days: int, *, everybody: bool
) -> None:
    event = happen(acme, Action.SAML_CERTIFICATE_EXPIRING, days=days, successor="")
    assert words_of(event).to_user_managers is everybody


ALICE, CAROL = "alice@acme.test", "carol@acme.test"


@pytest.mark.parametrize(
    ("action", "readers"),
    [
        (Action.SAML_CODES_ISSUED, {ALICE, CAROL}),
        (Action.SYNC_ENABLED, {ALICE, CAROL}),
        (Action.SYNC_DISABLED, {ALICE, CAROL}),
        (Action.PASSWORD_CHANGED, {CAROL}),
        (Action.SECOND_FACTOR_SET_UP, {CAROL}),
        (Action.SECOND_FACTOR_REMOVED, {CAROL}),
    ],
)
def test_what_opens_or_closes_a_way_in_is_told_to_whom_it_concerns(
    acme: Organization, alice: User, carol: User, action: Action, readers: set[str]
) -> None:
    happen(acme, action, target=Target("user", str(carol.pk), carol.user_name))
    deliver(acme)

    assert {address for each in sent() for address in each.to} == readers
    about_oneself = "あなたのアカウントに関するお知らせ"
    assert all((about_oneself in each.body) == (readers == {CAROL}) for each in sent())


def test_both_sides_are_told_of_a_transfer_of_the_right(
    acme: Organization, alice: User, carol: User
) -> None:
    carol.last_login = timezone.now()
    carol.set_password("a long password of hers")
    carol.save()
    hand_over.transfer(acme, giver=alice, receiver=carol, actor=actor_for(alice))
    deliver(acme)

    assert {each.to[0]: each.subject.split(" / ")[1] for each in sent()} == {
        ALICE: "The administrator right was transferred",
        CAROL: "The administrator right was transferred",
    }
    assert all(CAROL in each.body for each in sent())


@pytest.mark.parametrize("action", [Action.SAML_UPDATED, Action.SAML_RESTORED])
def test_who_is_trusted_is_never_changed_in_silence(
    acme: Organization, carol: User, action: Action
) -> None:
    happen(acme, action)
    deliver(acme)

    assert {to for each in sent() for to in each.to} == {
        "alice@acme.test",
        "carol@acme.test",
    }
    assert all("restore the version before" in each.body for each in sent())


@pytest.mark.parametrize(
    ("options", "is_told"),
    [
        (Options(sign_requests=False, allow_idp_initiated=True), False),
        (Options(sign_requests=False, require_signed_response=True), True),
        (Options(name_id_format=NameIDFormat.PERSISTENT), True),
    ],
    ids=["no-trust", "signature", "name"],
)
def test_options_that_change_no_trust_are_not_mailed(
    acme: Organization,
    alice: User,
    acme_idp: IdentityProvider,
    options: Options,
    *,
    is_told: bool,
) -> None:
    deliver(acme)
    mail.outbox.clear()
    version, actor = acme_idp.config_version, actor_for(alice)
    configuration.change_options(acme, options, actor=actor, seen_version=version)
    deliver(acme)

    assert bool(sent()) == is_told
    assert owed(acme) is None


def test_the_number_of_codes_has_a_word(acme: Organization, alice: User) -> None:
    alice.document["preferredLanguage"] = "en"

    text = letter(happen(acme, Action.SAML_CODES_ISSUED, count=10), acme, alice).body

    assert "Number of codes: 10" in text
