"""What must not happen from a browser left open asks again who is there."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization.models import AccessToken
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.portal.connection import once
from chatwork_admin.synchronization import gate
from tests.portal.people import test_transfer
from tests.portal.saml import test_settings
from tests.portal.synchronization import test_synchronization_page
from tests.portal.test_access import PAGES, address_of
from tests.test_tenant_isolation import rows_of

STOP = "/manage/sync/stop/"
ISSUE = "/manage/sync/connection/tokens/"
ASKING = [each for each in PAGES if hasattr(each.callback, "asks_again")]
ONES_OWN = {
    "replace-second-factor",
    "confirm-replacement",
    "renew-recovery-codes",
    "remove-second-factor",
    "begin-security-key",
    "add-security-key",
    "remove-security-key",
}
BY_A_PATH = [each for each in ASKING if each.name != "authorize"]  # see test_consent
ADMINISTRATORS = [each for each in BY_A_PATH if each.name not in ONES_OWN]
MUST_ASK = {
    "enable",
    "pause",
    "resume",
    "disable",
    "issue-token",
    "revoke-token",
    "authorize",
    "revoke-grant",
    "register-client",
    "remove-client",
    "add-secret",
    "revoke-secret",
    "saml-save",
    "saml-remove",
    "saml-link",
    "saml-options",
    "saml-restore",
    "saml-add-certificate",
    "saml-activate-certificate",
    "saml-retire-certificate",
    "saml-remove-certificate",
    "saml-issue-codes",
    "saml-off",
    "unlink-identity",
    "saml-optional",
    "saml-required",
    "saml-watch",
    "restore-user",
    "erase-user",
    "transfer",
    "remove-second-factor-of",
    *ONES_OWN,
}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
PAUSING = {"reason": 'audit "week" <1>'}


@pytest.fixture
def long_ago(as_alice: Client, alice: User) -> Client:
    """Alice's browser, eleven minutes after she has proven that it is hers."""
    before = timezone.now() - timedelta(minutes=11)
    UserSession.objects.filter(user=alice).update(authenticated_at=before)
    return as_alice


def kept(page: str) -> dict[str, list[str]]:
    """Return what the page that asks has kept of the form."""
    form = page.split('id="step-up-form"')[1].split("</form>", maxsplit=1)[0]
    found: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(form):
        if name not in {"csrfmiddlewaretoken", "step-up-path"}:
            found.setdefault(name, []).append(unescape(value))
    return found


def proven(page: str, password: str) -> dict[str, Any]:
    return kept(page) | {"step-up-password": password}


def events() -> int:
    return AuditEvent.objects.count()


def test_everything_that_must_ask_again_does() -> None:
    assert {each.name for each in ASKING} >= MUST_ASK


@pytest.mark.parametrize("pattern", BY_A_PATH, ids=lambda pattern: str(pattern.name))
def test_without_a_fresh_proof_nothing_is_changed_or_recorded(
    long_ago: Client, enabled_acme: Organization, pattern: URLPattern
) -> None:
    before, recorded = rows_of(enabled_acme), events()

    answer = long_ago.post(address_of(pattern), {"anything": ["a", "b"]})

    assert answer.status_code == 403
    assert kept(answer.text) == {"anything": ["a", "b"]}
    assert "no-store" in answer["Cache-Control"]
    assert rows_of(enabled_acme) == before
    assert events() == recorded


@pytest.mark.parametrize("pattern", ADMINISTRATORS, ids=lambda each: str(each.name))
def test_the_right_is_asked_before_the_person(
    as_carol: Client, carol: User, pattern: URLPattern
) -> None:
    UserSession.objects.filter(user=carol).update(authenticated_at=None)

    answer = as_carol.post(address_of(pattern))

    assert answer.status_code == 403
    assert "step-up-form" not in answer.text


@pytest.mark.parametrize("minutes", [9, 11])
def test_a_proof_is_good_for_ten_minutes(
    as_alice: Client, alice: User, enabled_acme: Organization, minutes: int
) -> None:
    proven_at = timezone.now() - timedelta(minutes=minutes)
    UserSession.objects.filter(user=alice).update(authenticated_at=proven_at)

    answer = as_alice.post(f"{STOP}pause/", PAUSING)

    assert (answer.status_code == 302) == (minutes == 9)


def test_after_the_proof_it_goes_on_with_what_was_asked(
    long_ago: Client, alice: User, enabled_acme: Organization, password: str
) -> None:
    asked = long_ago.post(f"{STOP}pause/", PAUSING).text
    assert "Pause user synchronization" in asked
    assert gate.synchronization_of(enabled_acme).state == "on"

    answer = long_ago.post(f"{STOP}pause/", proven(asked, password))

    assert answer.status_code == 302
    stored = gate.synchronization_of(enabled_acme)
    assert (stored.state, stored.pause_reason) == ("paused", PAUSING["reason"])
    event = AuditEvent.objects.get(action=Action.IDENTITY_CONFIRMED)
    assert event.actor["id"] == event.target["id"] == str(alice.pk)
    # and it is not asked again at once
    assert long_ago.post(f"{STOP}resume/").status_code == 302


def test_each_tick_of_the_notes_is_kept(
    long_ago: Client, acme: Organization, tested_idp: object, password: str
) -> None:
    ticked = test_synchronization_page.ticked()
    asked = long_ago.post("/manage/sync/enable/", ticked).text
    assert kept(asked)["accepted"] == list(ticked["accepted"])

    long_ago.post("/manage/sync/enable/", proven(asked, password))

    assert gate.synchronization_of(acme).state == "on"


def test_a_token_is_issued_after_the_proof(
    long_ago: Client, enabled_acme: Organization, password: str
) -> None:
    wanted = {"name": "Entra ID", "nonce": once.new_nonce()}
    asked = long_ago.post(ISSUE, wanted).text
    answer = long_ago.post(ISSUE, proven(asked, password))

    assert 'id="issued-token"' in answer.text
    assert AccessToken.objects.get(organization=enabled_acme).name == "Entra ID"


def test_the_right_is_transferred_after_the_proof(
    long_ago: Client, bob: User, password: str
) -> None:
    test_transfer.has_signed_in(bob)
    address = f"/manage/users/{bob.pk}/transfer/"
    asked = long_ago.post(address, {"user_name": "bob@acme.test"}).text
    long_ago.post(address, proven(asked, password))

    bob.refresh_from_db()
    assert bob.is_administrator


def test_certificates_survive_the_question(
    long_ago: Client, acme: Organization, password: str
) -> None:
    preview = long_ago.post(test_settings.MANUAL, test_settings.typed()).text
    fields = test_settings.HiddenFields(preview).values
    asked = long_ago.post(test_settings.SAVE, fields).text
    answer = long_ago.post(test_settings.SAVE, proven(asked, password), follow=True)

    assert "The SAML login settings are saved." in answer.text


@pytest.mark.parametrize("wrong", ["not the password", ""])
def test_a_wrong_password_changes_nothing_and_keeps_the_choice(
    long_ago: Client, alice: User, enabled_acme: Organization, wrong: str
) -> None:
    asked = long_ago.post(f"{STOP}pause/", PAUSING).text

    answer = long_ago.post(f"{STOP}pause/", proven(asked, wrong))

    assert answer.status_code == 422
    assert kept(answer.text) == {"reason": [PAUSING["reason"]]}
    assert "not the password" not in answer.text
    assert gate.synchronization_of(enabled_acme).state == "on"
    failures = AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED)
    assert [each.target["id"] for each in failures] == [str(alice.pk)] * bool(wrong)


def test_the_question_is_no_way_around_the_limit_of_attempts(
    long_ago: Client, enabled_acme: Organization, password: str
) -> None:
    guesses = [
        long_ago.post(f"{STOP}pause/", {"step-up-password": f"guess {number}"})
        for number in range(10)
    ]
    late = long_ago.post(f"{STOP}pause/", PAUSING | {"step-up-password": password})

    assert [each.status_code for each in guesses] == [422] * 9 + [429]
    assert late.status_code == 429
    assert gate.synchronization_of(enabled_acme).state == "on"


def test_somebody_elses_password_proves_nothing(
    long_ago: Client, carol: User, enabled_acme: Organization
) -> None:
    carol.set_password("carol's own long password")
    carol.save()

    answer = long_ago.post(
        f"{STOP}pause/", PAUSING | {"step-up-password": "carol's own long password"}
    )

    assert answer.status_code == 422
    assert gate.synchronization_of(enabled_acme).state == "on"


def test_a_proof_that_nobody_asked_for_is_not_read(
    as_alice: Client, enabled_acme: Organization
) -> None:
    wrong = PAUSING | {"step-up-password": "whatever"}

    assert as_alice.post(f"{STOP}pause/", wrong).status_code == 302
    assert not AuditEvent.objects.filter(action=Action.IDENTITY_CONFIRMED).exists()
