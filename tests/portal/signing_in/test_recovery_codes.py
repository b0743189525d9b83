"""Ten recovery codes come with a second factor: shown once, a file, used once each."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.proofs import recovery_codes
from chatwork_admin.synchronization import gate
from tests.conftest import signed_in
from tests.organizations.proofs.test_second_factor import code_of, with_app
from tests.portal.mails.mailing import deliver, sent
from tests.portal.signing_in.test_second_factor import (
    ASKED_AGAIN,
    PAGE,
    PAUSE,
    grow_stale,
    key_on,
    set_up,
    sign_in,
)
from tests.portal.signing_in.test_step_up import kept

ISSUE = f"{PAGE}recovery-codes/"
DOWNLOAD = f"{ISSUE}file/"


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li><code>([2-9A-Z-]{14})</code></li>", page)


def test_recovery_codes_are_shown_with_the_new_app_this_once(
    as_alice: Client, alice: User, password: str
) -> None:
    key = key_on(as_alice.post(f"{PAGE}begin/", follow=True).text)
    sent = {"code": code_of(key), "password": password}
    page = as_alice.post(f"{PAGE}confirm/", sent).text

    codes = codes_on(page)
    assert len(codes) == 10
    assert "One-time codes are set up." in page
    later = as_alice.get(PAGE).text
    assert not codes_on(later)
    assert "10 of 10 are left" in later
    assert sign_in(Client(), password, code=codes[0]) == 302
    assert sign_in(Client(), password, code=codes[0]) == 422
    assert "9 of 10 are left" in signed_in(alice).get(PAGE).text


def test_the_person_is_told_by_mail_that_a_recovery_code_was_used(
    acme: Organization, carol: User, password: str
) -> None:
    with_app(carol)
    code = recovery_codes.issue(carol, actor=SYSTEM)[0]
    Client().post(
        "/sign-in/",
        {"username": carol.user_name, "password": password, "code": code},
    )
    deliver(acme)

    mail = sent()[-1]
    assert mail.to == ["carol@acme.test"]
    assert "with your password and a recovery code." in mail.body
    assert "https://admin.example.jp/account/sessions/" in mail.body
    assert "administer" not in mail.body.replace("administrator", "")
    assert code not in mail.body


def test_a_recovery_code_needs_the_password_and_is_not_used_up_without(
    as_alice: Client, alice: User, password: str
) -> None:
    with_app(alice)
    code = recovery_codes.issue(alice, actor=SYSTEM)[0]

    assert sign_in(Client(), "wrong", code=code) == 422
    assert sign_in(Client(), password, code=code) == 302


def test_what_lets_people_in_takes_a_recovery_code(
    as_alice: Client, alice: User, enabled_acme: Organization, password: str
) -> None:
    set_up(as_alice, password)
    code = recovery_codes.issue(alice, actor=SYSTEM)[0]
    grow_stale(alice)
    asked = as_alice.post(PAUSE, {"reason": "audit"})
    assert "Or one of your recovery codes." in asked.text

    proof = {"step-up-password": password, "step-up-code": code}
    assert as_alice.post(PAUSE, kept(asked.text) | proof).status_code == 302
    assert gate.synchronization_of(enabled_acme).state == "paused"


def test_new_recovery_codes_are_issued_behind_a_proof_and_not_by_reloading(
    as_alice: Client, alice: User, password: str
) -> None:
    set_up(as_alice, password)
    seen = re.search(r'name="seen" value="([^"]+)"', as_alice.get(PAGE).text)
    assert seen is not None
    issuing = {"seen": seen[1]}
    grow_stale(alice)
    assert ASKED_AGAIN in as_alice.post(ISSUE, issuing).text

    UserSession.objects.update(authenticated_at=timezone.now())
    page = as_alice.post(ISSUE, issuing)
    assert len(codes_on(page.text)) == 10
    again = as_alice.post(ISSUE, issuing)
    assert again.status_code == 409
    assert sign_in(Client(), password, code=codes_on(page.text)[0]) == 302


@pytest.mark.parametrize("seen", ["", "x", "2026-02-31T00:00:00Z"])
def test_without_an_app_there_are_no_recovery_codes(
    as_alice: Client, alice: User, seen: str
) -> None:
    answer = as_alice.post(ISSUE, {"seen": seen})

    assert answer["Location"] == PAGE
    assert recovery_codes.codes_left(alice) == 0


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Recovery codes of"), ("ja", "の回復コード")]
)
def test_the_codes_that_are_shown_can_be_kept_as_a_file(
    as_alice: Client, alice: User, password: str, language: str, title: str
) -> None:
    key = key_on(as_alice.post(f"{PAGE}begin/", follow=True).text)
    sent = {"code": code_of(key), "password": password}
    page = as_alice.post(f"{PAGE}confirm/", sent).text
    assert f'action="{DOWNLOAD}"' in page

    headers = {"Accept-Language": language}
    file = as_alice.post(DOWNLOAD, {"code": codes_on(page)}, headers=headers)

    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert 'filename="chatwork-recovery-codes.txt"' in file["Content-Disposition"]
    assert "no-store" in file["Cache-Control"]
    for expected in (*codes_on(page), title, alice.user_name):
        assert expected in file.text


def test_only_ones_own_unused_codes_become_a_file(alice: User, carol: User) -> None:
    as_alice = signed_in(alice)
    void = recovery_codes.issue(alice, actor=SYSTEM)
    good = recovery_codes.issue(alice, actor=SYSTEM)
    recovery_codes.use_up(alice, good[0], actor=SYSTEM)
    of_carol = recovery_codes.issue(carol, actor=SYSTEM)

    for codes in ([], void, good, of_carol, ["<script>"] * 10):
        answer = as_alice.post(DOWNLOAD, {"code": codes})
        assert answer.status_code == 409
        assert "no longer good" in answer.text
        assert "<script>" not in answer.text
    assert as_alice.post(DOWNLOAD, {"code": good[1:]}).status_code == 200


def test_the_address_of_the_file_alone_leads_to_the_page(as_alice: Client) -> None:
    assert as_alice.get(DOWNLOAD)["Location"] == PAGE
