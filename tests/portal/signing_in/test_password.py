"""Changing one's password: what may be one, who may, and what ends with the old one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import translation

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, SecondFactor, User
from chatwork_admin.organizations.models.sessions import Why
from saml_sso.models import IdentityProvider
from tests.conftest import signed_in
from tests.organizations.proofs.test_second_factor import code_of, with_app

PAGE = "/account/password/"
EASY = "This password is easy to guess."
NEW = "seven quiet herons waiting"


def change(client: Client, password: str, new: str = NEW, **more: str) -> Any:
    said = {"password": password, "new_password": new, "repeated": new}
    return client.post(PAGE, said | more)


def is_let_in(client: Client) -> bool:
    return client.get("/manage/").status_code == 200


def test_the_new_password_counts_and_the_old_one_no_more(
    as_alice: Client, alice: User, password: str
) -> None:
    assert change(as_alice, password)["Location"] == "/account/sessions/"

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert not alice.check_password(password)
    event = AuditEvent.objects.get(action=Action.PASSWORD_CHANGED)
    assert event.actor["id"] == event.target["id"] == str(alice.pk)
    assert NEW not in str(vars(event))


def test_this_session_goes_on_under_a_new_key_and_all_others_end(
    as_alice: Client, alice: User, password: str
) -> None:
    elsewhere = signed_in(alice)
    before = as_alice.session.session_key

    change(as_alice, password)

    assert is_let_in(as_alice)
    assert as_alice.session.session_key != before
    assert not is_let_in(elsewhere)
    assert alice.sessions.get(ended_at=None).authenticated_at is not None
    assert alice.sessions.exclude(ended_at=None).get().ended_why == Why.CREDENTIAL


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        ("fourteen chars", "This password is too short."),
        ("1q2w3e4r5t6y7u8i9o0p", EASY),
        ("passwordpassword", EASY),
        ("a" * 16, EASY),
        (" " * 18 + "x", EASY),
        ("qwertyuiopasdfghjkl", EASY),
        ("chatworkadmin123", EASY),
        ("Summer2026Summer2026", EASY),
        ("alice@acme.test1", "too similar to the user name"),
        ("", "This field is required."),
        ("a" * 1025, "at most 1024 characters"),
    ],
)
def test_what_is_short_common_or_close_to_the_account_is_refused(
    as_alice: Client, alice: User, password: str, new: str, refusal: str
) -> None:
    answer = change(as_alice, password, new)

    assert answer.status_code == 422
    assert refusal in answer.text
    _assert_unchanged(alice, password)


@pytest.mark.parametrize(
    "new",
    [
        "only lower case words",
        "いろはにほへとちりぬるをわかよたれそ",
        "  spaces count at both ends  ",
        "a phrase of sixty four characters is never too long, and longer",
        "123456789012345678901234567890123 but long",
    ],
)
def test_no_kind_of_character_is_asked_for_or_refused(
    as_alice: Client, alice: User, password: str, new: str
) -> None:
    assert change(as_alice, password, new).status_code == 302

    alice.refresh_from_db()
    assert alice.check_password(new)


def test_two_that_differ_change_nothing(
    as_alice: Client, alice: User, password: str
) -> None:
    answer = change(as_alice, password, repeated=f"{NEW}s")

    assert "The two new passwords differ." in answer.text
    _assert_unchanged(alice, password)


def test_without_the_present_password_nothing_changes_and_it_is_counted(
    as_alice: Client, alice: User, password: str
) -> None:
    statuses = [change(as_alice, "a guess").status_code for _ in range(10)]

    assert statuses == [422] * 9 + [429]
    assert change(as_alice, password).status_code == 429
    _assert_unchanged(alice, password)
    assert AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED).exists()


def test_nothing_of_the_form_is_kept_with_a_failed_attempt(as_alice: Client) -> None:
    change(as_alice, "a guess", csrfmiddlewaretoken="a-token")
    change(as_alice, "a guess")

    kept = AccessAttempt.objects.get()
    assert kept.failures_since_start == 2
    assert not f"{kept.get_data}{kept.post_data}".strip("-\n")


def test_whoever_has_an_app_shows_its_code_as_well(alice: User, password: str) -> None:
    key = with_app(alice)
    client = signed_in(alice)
    assert change(client, password).status_code == 422
    assert change(client, password, code="000000").status_code == 422
    _assert_unchanged(alice, password)
    SecondFactor.objects.update(last_step=0)

    assert change(client, password, code=code_of(key)).status_code == 302
    assert is_let_in(client)


def test_whoever_signs_in_with_saml_only_has_nothing_to_change(
    acme: Organization, tested_idp: IdentityProvider, carol: User, password: str
) -> None:
    client = signed_in(carol)
    tested_idp.mode = IdentityProvider.Mode.REQUIRED
    tested_idp.save()

    for answer in (client.get(PAGE), change(client, password)):
        assert "need no password here" in answer.text
        assert "password-form" not in answer.text
    _assert_unchanged(carol, password)


def test_what_is_asked_of_a_password_is_said_before(as_alice: Client) -> None:
    assert "At least 15 characters" in as_alice.get(PAGE).text
    with translation.override("ja"):
        as_alice.cookies["__Host-language"] = "ja"
        page = as_alice.get(PAGE).text
        refused = change(as_alice, "x", "短い").text
    assert "15 文字以上" in page
    assert re.search("短すぎます", refused)


def test_passwords_are_not_sent_back(as_alice: Client, password: str) -> None:
    answer = change(as_alice, password, repeated="something else entirely")

    assert password not in answer.text
    assert NEW not in answer.text
    assert "something else" not in answer.text


def _assert_unchanged(person: User, password: str) -> None:
    person.refresh_from_db()
    assert person.check_password(password)
    assert not AuditEvent.objects.filter(action=Action.PASSWORD_CHANGED).exists()
