"""The User Synchronization page: every state, every refusal."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate, notices
from chatwork_admin.synchronization.models import NoticeAcceptance, UserSynchronization
from saml_sso.models import IdentityProvider, TrustedCertificate
from tests.conftest import actor_for, trust_an_identity_provider
from tests.saml_sso.certificate_rows import let_all_expire

PAGE = "/manage/sync/"
ENABLE = "/manage/sync/enable/"
NOTES = "/manage/sync/notes/"
ALL = sorted(notices.KEYS)
IN_JAPANESE = {"Accept-Language": "ja"}


VERSIONS = ".".join(str(notice.version) for notice in notices.NOTICES)


def ticked(keys: list[str] = ALL, **more: str) -> dict[str, Any]:
    return {
        "accepted": keys,
        "words": f"en:{VERSIONS}",
        "waived": "yes",
        **more,
    }


def state_of(organization: Organization) -> str:
    return gate.synchronization_of(organization).state


def change(organization: Organization, **values: Any) -> None:
    UserSynchronization.objects.filter(organization=organization).update(**values)


def recorded(action: Action) -> int:
    return AuditEvent.objects.filter(action=action).count()


def without(*numbers: int) -> list[str]:
    keys = [notice.key for notice in notices.NOTICES]
    return [key for number, key in enumerate(keys, start=1) if number not in numbers]


def test_setup_shows_nine_notes_to_tick_and_what_is_missing(as_alice: Client) -> None:
    page = as_alice.get(PAGE).text

    assert page.count('name="accepted"') == 9
    assert 'id="enable-form"' in page
    assert "0 / 9" in page
    assert "Not set up yet" in page
    assert "Good to know" in page
    assert "User synchronization is enabled." not in page


def test_setup_is_in_japanese_for_who_reads_japanese(as_alice: Client) -> None:
    page = as_alice.get(PAGE, headers=IN_JAPANESE).text

    assert '<html lang="ja"' in page
    assert "確認しました" in page
    assert "ユーザー同期を有効にする" in page
    assert notices.NOTICES[0].japanese in page


def test_enabling_shows_the_message_on_every_visit(
    as_alice: Client, acme: Organization, tested_idp: IdentityProvider
) -> None:
    response = as_alice.post(ENABLE, ticked(), follow=True)

    assert response.redirect_chain == [(PAGE, 302)]
    for page in (response.text, as_alice.get(PAGE).text):
        assert "User synchronization is enabled." in page
        assert "by <bdi>Alice</bdi>" in page
        assert 'id="enable-form"' not in page
    japanese = as_alice.get(PAGE, headers=IN_JAPANESE).text
    assert "ユーザー同期機能は有効です。" in japanese
    assert recorded(Action.SYNC_ENABLED) == 1


def test_enabling_keeps_who_confirmed_which_words_when_and_from_where(
    as_alice: Client, alice: User, acme: Organization, tested_idp: IdentityProvider
) -> None:
    shown = as_alice.get(PAGE, headers=IN_JAPANESE).text
    words = f"ja:{VERSIONS}"
    assert f'name="words" value="{words}"' in shown

    as_alice.post(ENABLE, ticked(words=words), REMOTE_ADDR="192.0.2.7")

    rows = list(NoticeAcceptance.objects.filter(organization=acme))
    assert {(row.key, row.text_version) for row in rows} == {
        (notice.key, notice.version) for notice in notices.NOTICES
    }
    for row in rows:
        assert row.language == "ja"
        assert row.accepted_by == alice
        assert row.accepted_by_name == "Alice"
        assert row.address == "192.0.2.7"
        assert timezone.now() - row.accepted_at < timedelta(minutes=1)


def test_unread_notes_are_named_and_the_ticks_are_kept(
    as_alice: Client, acme: Organization, tested_idp: IdentityProvider
) -> None:
    response = as_alice.post(ENABLE, ticked(without(3, 7, 8)))

    assert response.status_code == 422
    assert "Confirm all notes: 3, 7 and 8 are not confirmed yet." in response.text
    assert 'role="alert"' in response.text
    assert response.text.count(" checked>") == 6
    assert "6 / 9" in response.text
    assert state_of(acme) == "off"
    assert not NoticeAcceptance.objects.exists()
    assert recorded(Action.SYNC_ENABLED) == 0


def test_unread_notes_are_named_in_japanese(
    as_alice: Client, tested_idp: IdentityProvider
) -> None:
    accepted = ticked(without(3, 7, 8))
    response = as_alice.post(ENABLE, accepted, headers=IN_JAPANESE)

    assert "すべての項目を確認してください（未確認：3、7、8）。" in response.text


def test_saml_that_is_neither_tested_nor_on_is_named_before_and_after_the_click(
    as_alice: Client, acme: Organization, acme_idp: IdentityProvider
) -> None:
    page = as_alice.get(PAGE).text
    assert "Not tested yet" in page
    assert "Not passed yet" in page

    response = as_alice.post(ENABLE, ticked())

    assert response.status_code == 422
    assert "Test the SAML sign-in." in response.text
    assert "Switch SAML sign-in on" in response.text
    assert state_of(acme) == "off"


def test_one_unread_note_is_one(as_alice: Client, tested_idp: IdentityProvider) -> None:
    response = as_alice.post(ENABLE, ticked(without(2)))

    assert "Confirm all notes: 2 is not confirmed yet." in response.text


def test_a_key_nobody_knows_confirms_nothing(
    as_alice: Client, acme: Organization, tested_idp: IdentityProvider
) -> None:
    response = as_alice.post(ENABLE, ticked([*without(1), "<script>"]))

    assert response.status_code == 422
    assert "<script>" not in response.text.replace('<script type="module"', "")
    assert state_of(acme) == "off"


def test_without_saml_the_gate_stays_shut(as_alice: Client, acme: Organization) -> None:
    response = as_alice.post(ENABLE, ticked())

    assert response.status_code == 422
    assert "Complete the SAML login settings before" in response.text
    assert state_of(acme) == "off"


def test_ticks_are_kept_while_the_administrator_clears_what_is_missing(
    as_alice: Client, acme: Organization
) -> None:
    as_alice.post(ENABLE, ticked(without(4)))
    as_alice.get("/manage/security/login/")

    assert as_alice.get(PAGE).text.count(" checked>") == 8
    # in the words in which they were read, and in no others
    assert " checked>" not in as_alice.get(PAGE, headers=IN_JAPANESE).text
    assert state_of(acme) == "off"
    assert not NoticeAcceptance.objects.exists()


def test_ticks_are_nobody_elses_and_end_with_what_they_were_for(
    as_alice: Client, as_carol: Client, tested_idp: IdentityProvider
) -> None:
    as_alice.post(ENABLE, ticked(without(4)))
    assert " checked>" not in as_carol.get(PAGE).text

    as_alice.post(ENABLE, ticked())
    assert "ticked_notes" not in as_alice.session


def test_an_expired_certificate_keeps_the_gate_shut(
    as_alice: Client, acme: Organization, tested_idp: IdentityProvider
) -> None:
    let_all_expire()

    response = as_alice.post(ENABLE, ticked())

    assert response.status_code == 422
    assert "No certificate of the SAML settings is valid today." in response.text
    assert state_of(acme) == "off"


def test_another_plan_has_no_form(
    as_alice: Client, acme: Organization, tested_idp: IdentityProvider
) -> None:
    Organization.objects.filter(pk=acme.pk).update(plan="business")

    page = as_alice.get(PAGE).text
    response = as_alice.post(ENABLE, ticked())

    assert "Your plan does not include user synchronization." in page
    assert "enable-form" not in page
    assert response.status_code == 422
    assert state_of(acme) == "off"


def test_a_user_manager_reads_and_is_told_who_can(
    as_carol: Client, acme: Organization
) -> None:
    page = as_carol.get(PAGE).text

    assert (
        "Only the organization administrator (\u2068Alice\u2069) can change this."
        in page
    )
    assert "enable-button" not in page
    assert page.count(" disabled>") == 9


@pytest.mark.parametrize(
    "path",
    [ENABLE, NOTES, "/manage/sync/stop/pause/", "/manage/sync/stop/resume/"],
)
def test_a_user_manager_changes_nothing(
    as_carol: Client, enabled_acme: Organization, path: str
) -> None:
    before = AuditEvent.objects.count()
    response = as_carol.post(path, ticked(reason="because"))

    assert response.status_code == 403
    assert "Only the organization administrator (\u2068Alice\u2069)" in response.text
    assert state_of(enabled_acme) == "on"
    assert AuditEvent.objects.count() == before


def test_enabling_twice_is_harmless(
    as_alice: Client, enabled_acme: Organization
) -> None:
    assert as_alice.post(ENABLE, ticked()).status_code == 302
    assert recorded(Action.SYNC_ENABLED) == 1


def test_enabling_what_somebody_paused_meanwhile_is_a_conflict(
    as_alice: Client, alice: User, enabled_acme: Organization
) -> None:
    gate.pause(enabled_acme, actor=actor_for(alice), reason="audit")

    response = as_alice.post(ENABLE, ticked())

    assert response.status_code == 409
    assert "Somebody else changed this meanwhile." in response.text
    assert state_of(enabled_acme) == "paused"


def test_waiting_shows_the_steps_in_entra(
    as_alice: Client, enabled_acme: Organization
) -> None:
    page = as_alice.get(PAGE).text

    assert "Waiting for the first contact" in page
    assert "https://admin.example.jp/scim/v2" in page
    assert "Secret Token" in page
    assert 'hx-trigger="every 10s"' in page


@pytest.mark.parametrize(
    ("silence", "word"),
    [(timedelta(minutes=12), "Healthy"), (timedelta(hours=3), "Delayed")],
)
def test_the_page_says_how_it_is_going(
    as_alice: Client, enabled_acme: Organization, silence: timedelta, word: str
) -> None:
    change(enabled_acme, last_contact_at=timezone.now() - silence)

    page = as_alice.get(PAGE).text
    panel = as_alice.get("/manage/sync/status/").text

    assert f'data-health="{word}"' in page
    assert f'data-health="{word}"' in panel
    assert "<html" not in panel
    assert ("in 27 minutes" in page or "in 28 minutes" in page) == (word == "Healthy")


def test_paused_says_since_when_by_whom_and_why(
    as_alice: Client, alice: User, enabled_acme: Organization
) -> None:
    gate.pause(enabled_acme, actor=actor_for(alice), reason="<b>reorganization</b>")

    page = as_alice.get(PAGE).text

    assert "User synchronization is paused." in page
    assert "by <bdi>alice@acme.test</bdi>" in page
    assert "&lt;b&gt;reorganization&lt;/b&gt;" in page
    assert 'id="resume-form"' in page
    assert "User synchronization is enabled." not in page


def test_newer_notes_are_to_be_confirmed_while_it_goes_on(
    as_alice: Client, enabled_acme: Organization
) -> None:
    NoticeAcceptance.objects.filter(key="delete").delete()
    page = as_alice.get(PAGE).text
    assert "The notes have changed." in page
    assert page.count("</svg>Changed</span>") == 1
    assert "User synchronization is enabled." in page

    missing = as_alice.post(NOTES, ticked(without(8)))
    assert missing.status_code == 422
    assert "Confirm all notes: 8 is not confirmed yet." in missing.text

    done = as_alice.post(NOTES, ticked(), follow=True).text
    assert "You have confirmed the new notes." in done
    assert "The notes have changed." not in done
    assert recorded(Action.SYNC_NOTES_CONFIRMED) == 1


def test_a_lapsed_plan_is_said_and_nothing_is_offered(
    as_alice: Client, enabled_acme: Organization
) -> None:
    Organization.objects.filter(pk=enabled_acme.pk).update(plan="business")

    page = as_alice.get(PAGE).text

    assert "The plan no longer includes user synchronization." in page
    assert "enable-form" not in page


def test_the_neighbour_sees_her_own_state_only(
    as_mallory: Client, enabled_acme: Organization
) -> None:
    page = as_mallory.get(PAGE).text

    assert 'id="enable-form"' in page
    assert "Acme" not in page


def test_a_certificate_near_its_end_is_a_warning(
    as_alice: Client, acme: Organization
) -> None:
    trust_an_identity_provider(acme)
    soon = timezone.now() + timedelta(days=9, hours=1)
    TrustedCertificate.objects.update(not_after=soon)

    assert "Certificate: 10 days left" in as_alice.get(PAGE).text
    overview = as_alice.get("/manage/").text
    assert "The SAML certificate expires soon." in overview
    assert set(re.findall(r"(\d+) days(?: left|\.)", overview)) == {"10"}

    TrustedCertificate.objects.update(not_after=timezone.now() + timedelta(minutes=1))

    assert "Certificate: Less than one day left" in as_alice.get(PAGE).text


def test_enabling_asks_for_emergency_access_or_a_waiver(
    as_alice: Client, acme: Organization, tested_idp: IdentityProvider
) -> None:
    assert 'name="waived"' not in as_alice.get(PAGE).text
    IdentityProvider.objects.update(bypass_proven_at=None)
    refused = as_alice.post(ENABLE, ticked(waived=""))

    assert refused.status_code == 422
    assert "Try emergency access out, or tick that you go without." in refused.text
    assert 'name="waived"' in refused.text
    assert state_of(acme) == "off"

    as_alice.post(ENABLE, ticked(waived="yes"))

    assert state_of(acme) == "on"
    assert "Waived" in as_alice.get("/manage/audit/").text
