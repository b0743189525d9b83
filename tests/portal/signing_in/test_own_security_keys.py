"""Security keys of one's own: added, used as a proof, removed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import (
    Organization,
    User,
    UserSession,
)
from chatwork_admin.organizations.proofs import second_factor, security_keys
from chatwork_admin.synchronization import gate
from tests.conftest import signed_in
from tests.organizations.proofs.authenticator import Authenticator
from tests.organizations.proofs.test_second_factor import with_app
from tests.portal.mails.mailing import deliver, sent
from tests.portal.signing_in.keys import (
    ASK,
    KEY,
    PAGE,
    PAUSE,
    answer_of,
    create,
    grow_stale,
)
from tests.portal.signing_in.test_step_up import kept


def test_a_first_key_is_added_with_the_password(
    as_alice: Client, alice: User, password: str
) -> None:
    assert 'name="password"' in as_alice.get(KEY).text
    answer = as_alice.post(f"{KEY}first/", create(as_alice, password=password))

    assert "Your recovery codes" in answer.text
    page = as_alice.get(PAGE).text
    assert "<bdi>blue</bdi>" in page
    assert "Not used yet." in page
    deliver(alice.organization)
    (mail,) = sent()
    assert "A security key was added to your account" in mail.subject


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"password": "wrong"}, "The password is wrong."),
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"key": "{}"}, "The key was not registered in time."),
        ({"key": ""}, "This field is required."),
    ],
    ids=str,
)
def test_what_is_wrong_adds_no_key(
    as_alice: Client, alice: User, password: str, said: dict[str, str], refusal: str
) -> None:
    before = AuditEvent.objects.exclude(action=Action.SIGN_IN_FAILED).count()
    form = create(as_alice, password=password) | said

    answer = as_alice.post(f"{KEY}first/", form)

    assert answer.status_code == 422
    assert refusal in answer.text
    assert not security_keys.of(alice).exists()
    now = AuditEvent.objects.exclude(action=Action.SIGN_IN_FAILED).count()
    assert now == before


def test_a_second_key_needs_a_fresh_proof_and_not_the_password_alone(
    as_alice: Client, alice: User, blue: Authenticator, password: str
) -> None:
    assert 'name="password"' not in as_alice.get(KEY).text
    grow_stale(alice)

    asked = as_alice.post(f"{KEY}begin/")
    assert asked.status_code == 403
    first = as_alice.post(f"{KEY}first/", create(as_alice, password=password))
    assert first["Location"] == PAGE
    assert security_keys.of(alice).count() == 1

    proof = {"step-up-password": password, "step-up-key": answer_of(as_alice, blue)}
    assert as_alice.post(f"{KEY}begin/", proof)["Location"] == KEY
    assert as_alice.post(f"{KEY}add/", create(as_alice, name="red")).status_code == 200
    assert [key.name for key in security_keys.of(alice)] == ["blue", "red"]


def test_a_challenge_of_another_browser_adds_no_key(
    as_alice: Client, alice: User, blue: Authenticator
) -> None:
    elsewhere = signed_in(alice)
    form = create(elsewhere)
    as_alice.post(f"{KEY}options/")

    assert as_alice.post(f"{KEY}add/", form).status_code == 422
    assert security_keys.of(alice).count() == 1


def test_a_key_confirms_that_it_is_you(
    enabled_acme: Organization,
    as_alice: Client,
    alice: User,
    blue: Authenticator,
    password: str,
) -> None:
    grow_stale(alice)
    asked = as_alice.post(PAUSE, {"reason": "audit"})
    assert 'name="step-up-key"' in asked.text
    assert "audit" in kept(asked.text)["reason"]

    options = as_alice.post(ASK).text
    named = json.loads(options)["allowCredentials"]
    assert len(named) == 1  # who has signed in is asked for a key of theirs
    wrong = {"step-up-password": "wrong", "step-up-key": blue.get(options)}
    assert as_alice.post(PAUSE, {"reason": "audit"} | wrong).status_code == 422
    proof = {"step-up-password": password, "step-up-key": answer_of(as_alice, blue)}
    assert as_alice.post(PAUSE, {"reason": "audit"} | proof).status_code == 302

    assert gate.synchronization_of(enabled_acme).state == "paused"
    event = AuditEvent.objects.get(action=Action.IDENTITY_CONFIRMED)
    assert event.context["began"] == "password-and-key"


def test_a_key_changes_the_password(
    as_alice: Client, alice: User, blue: Authenticator, password: str
) -> None:
    new = "nine green horses whisper"
    sent = {"password": password, "new_password": new, "repeated": new}
    assert 'data-key-options="/sign-in/key/"' in as_alice.get("/account/password/").text
    assert as_alice.post("/account/password/", sent).status_code == 422

    sent["key"] = answer_of(as_alice, blue)
    assert as_alice.post("/account/password/", sent).status_code == 302


def test_a_key_is_removed_after_a_question_and_a_fresh_proof(
    as_alice: Client, alice: User, blue: Authenticator
) -> None:
    with_app(alice)
    as_alice = signed_in(alice)
    path = f"{KEY}{security_keys.of(alice).get().pk}/remove/"
    assert f'href="{path}"' in as_alice.get(PAGE).text
    assert "<bdi>blue</bdi>" in as_alice.get(path).text
    grow_stale(alice)
    assert as_alice.post(path).status_code == 403
    assert security_keys.of(alice).exists()

    UserSession.objects.update(authenticated_at=timezone.now())
    assert as_alice.post(path)["Location"] == PAGE

    assert not security_keys.of(alice).exists()
    assert second_factor.is_set_up(alice)
    assert as_alice.post(path).status_code == 404
    deliver(alice.organization)
    assert "A security key was removed from your account" in sent()[-1].subject


def test_the_last_key_stays_where_one_is_required(
    as_alice: Client, alice: User, blue: Authenticator, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    UserSession.objects.update(authenticated_at=timezone.now())
    path = f"{KEY}{security_keys.of(alice).get().pk}/remove/"

    answer = as_alice.post(path, follow=True)

    assert "this is the only one you have" in answer.text
    assert security_keys.of(alice).exists()


def test_nobody_removes_somebody_elses_key(
    as_carol: Client, as_mallory: Client, alice: User, blue: Authenticator
) -> None:
    path = f"{KEY}{security_keys.of(alice).get().pk}/remove/"

    for stranger in (as_carol, as_mallory):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path).status_code == 404
    assert security_keys.of(alice).exists()


def test_members_have_no_keys(bob: User) -> None:
    client = signed_in(bob)

    assert client.get(KEY).status_code == 403
    for path in (f"{KEY}options/", f"{KEY}add/", f"{KEY}first/"):
        assert client.post(path).status_code == 403
    assert not [name for name in client.cookies if "challenge" in name]
