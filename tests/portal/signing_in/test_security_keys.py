"""Security keys on the portal's pages: added, used at every door, removed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations import second_factor, security_keys
from chatwork_admin.organizations.models import (
    Organization,
    SecurityKey,
    UsedChallenge,
    User,
    UserSession,
)
from chatwork_admin.organizations.models.sessions import Began
from chatwork_admin.synchronization import gate
from saml_sso.models import IdentityProvider
from tests.conftest import signed_in
from tests.organizations.authenticator import Authenticator, challenge_in, key_of
from tests.organizations.test_second_factor import code_of, with_app
from tests.portal.mails.mailing import deliver, sent
from tests.portal.signing_in.test_step_up import kept

PAGE = "/account/second-factor/"
KEY = f"{PAGE}key/"
ASK = "/sign-in/key/"
PAUSE = "/manage/sync/stop/pause/"
DOORS = ["/sign-in/", "/s/acme/", "/s/acme/?sso_skip=1"]


@pytest.fixture
def blue(alice: User) -> Authenticator:
    authenticator = Authenticator()
    key_of(alice, authenticator)
    return authenticator


def answer_of(client: Client, authenticator: Authenticator, **wrong: Any) -> str:
    return authenticator.get(client.post(ASK).text, **wrong)


def sign_in(
    client: Client, password: str, door: str = "/sign-in/", **proof: str
) -> int:
    sent = {"username": "alice@acme.test", "password": password, **proof}
    return client.post(door, sent).status_code


def create(client: Client, **said: str) -> dict[str, str]:
    """Return the form that adds a new key."""
    options = client.post(f"{KEY}options/").text
    return {"name": "blue", "key": Authenticator().create(options), **said}


def grow_stale(user: User) -> None:
    before = timezone.now() - timedelta(minutes=11)
    UserSession.objects.filter(user=user).update(authenticated_at=before)


@pytest.mark.parametrize("door", DOORS)
def test_a_password_and_a_key_open_every_door(
    client: Client, alice: User, blue: Authenticator, password: str, door: str
) -> None:
    assert 'data-key-options="/sign-in/key/"' in client.get(door).text
    assert sign_in(client, password, door) == 422

    assert sign_in(client, password, door, key=answer_of(client, blue)) == 302
    session = alice.sessions.latest("started_at")
    assert session.began == Began.SECURITY_KEY
    assert session.authenticated_at is not None


def test_where_saml_is_required_the_key_opens_the_way_around_it(
    client: Client,
    alice: User,
    blue: Authenticator,
    tested_idp: IdentityProvider,
    password: str,
) -> None:
    tested_idp.mode = IdentityProvider.Mode.REQUIRED
    tested_idp.save()

    assert sign_in(client, password, key=answer_of(client, blue)) == 422
    door = "/s/acme/?sso_skip=1"
    assert sign_in(client, password, door, key=answer_of(client, blue)) == 302
    assert AuditEvent.objects.filter(action=Action.BYPASS_USED).exists()


@pytest.mark.parametrize("door", DOORS)
def test_a_key_without_the_password_opens_nothing(
    client: Client, blue: Authenticator, door: str
) -> None:
    assert sign_in(client, "wrong", door, key=answer_of(client, blue)) == 422
    assert sign_in(client, "", door, key=answer_of(client, blue)) == 422


def test_what_a_browser_is_to_ask_says_nothing_about_anybody(
    client: Client, alice: User, blue: Authenticator
) -> None:
    options = json.loads(client.post(ASK).text)

    assert options.pop("challenge")
    assert options.get("allowCredentials", []) == []
    assert options["rpId"] == "admin.example.jp"
    assert options["userVerification"] == "preferred"


def test_neither_host_nor_forwarded_headers_say_where_keys_count(
    client: Client, alice: User, blue: Authenticator, password: str
) -> None:
    spoofed = {"host": "localhost", "x-forwarded-host": "evil.test"}

    asked = client.post(ASK, headers=spoofed)
    assert json.loads(asked.text)["rpId"] == "admin.example.jp"
    wrong = {"client_data": {"origin": "https://localhost"}, "rp_id": "localhost"}
    sent = {"username": alice.user_name, "password": password}
    sent["key"] = blue.get(asked.text, **wrong)
    assert client.post("/sign-in/", sent, headers=spoofed).status_code == 422


def test_a_challenge_of_another_browser_opens_nothing(
    client: Client, alice: User, blue: Authenticator, password: str
) -> None:
    stolen = answer_of(client, blue)
    other = Client()
    other.post(ASK)

    assert sign_in(other, password, key=stolen) == 422
    assert sign_in(client, password, key=stolen) == 302


def test_an_answer_opens_once(
    client: Client, alice: User, blue: Authenticator, password: str
) -> None:
    answer = answer_of(client, blue)
    assert sign_in(client, password, key=answer) == 302
    SecurityKey.objects.update(sign_count=0)

    assert sign_in(client, password, "/s/acme/", key=answer) == 422
    assert sign_in(Client(), password, key=answer) == 422


@pytest.mark.parametrize("key", ["{}", "[]", "null", "x" * 20_000, "あ", "\0", "1e999"])
@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_answer_is_refused(
    client: Client, blue: Authenticator, password: str, door: str, key: str
) -> None:
    client.post(ASK)

    assert sign_in(client, password, door, key=key) == 422


def test_wrong_answers_are_counted_like_wrong_codes_and_kept_nowhere(
    client: Client, alice: User, blue: Authenticator, password: str
) -> None:
    stranger = Authenticator()
    refused = [
        sign_in(client, password, key=answer_of(client, stranger)) for _ in range(10)
    ]

    assert refused == [422] * 9 + [429]
    assert sign_in(client, password, key=answer_of(client, blue)) == 429
    attempt = AccessAttempt.objects.get()
    assert "clientDataJSON" not in attempt.post_data


def test_a_code_that_was_typed_goes_before_what_a_key_left_behind(
    client: Client, alice: User, blue: Authenticator, password: str
) -> None:
    key = with_app(alice)

    assert sign_in(client, password, code=code_of(key), key="{}") == 302


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


def test_a_key_that_may_be_a_copy_is_refused_and_its_owner_told(
    client: Client, alice: User, blue: Authenticator, password: str
) -> None:
    blue.count = 7
    assert sign_in(client, password, key=answer_of(client, blue)) == 302
    blue.count = 2
    stranger = Client()

    assert sign_in(stranger, password, key=answer_of(stranger, blue)) == 422
    deliver(alice.organization)
    assert "may have been copied" in sent()[-1].subject


def test_members_have_no_keys(bob: User) -> None:
    client = signed_in(bob)

    assert client.get(KEY).status_code == 403
    for path in (f"{KEY}options/", f"{KEY}add/", f"{KEY}first/"):
        assert client.post(path).status_code == 403
    assert not [name for name in client.cookies if "challenge" in name]


def test_asking_is_a_form_with_a_token(alice: User) -> None:
    assert Client().get(ASK).status_code == 405
    assert Client(enforce_csrf_checks=True).post(ASK).status_code == 403


def test_nothing_is_stored_for_strangers_who_ask(client: Client, alice: User) -> None:
    first, second = client.post(ASK), client.post(ASK)

    assert challenge_in(first.text) != challenge_in(second.text)
    assert not Session.objects.exists()
    assert not UsedChallenge.objects.exists()
    assert client.cookies.keys() == {"__Host-challenge-prove"}
    cookie = client.cookies["__Host-challenge-prove"]
    assert (cookie["max-age"], cookie["samesite"]) == (300, "Strict")
    assert cookie["httponly"]
    assert cookie["secure"]


def test_what_counted_is_stored_once_and_only_after_the_password(
    client: Client, alice: User, blue: Authenticator, password: str
) -> None:
    UsedChallenge.objects.all().delete()  # of the registration
    assert sign_in(client, "a guess", key=answer_of(client, blue)) == 422
    assert not UsedChallenge.objects.exists()

    assert sign_in(client, password, key=answer_of(client, blue)) == 302
    assert UsedChallenge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_comes_twice_at_once_opens_once(
    client: Client, alice: User, password: str
) -> None:
    passkey = Authenticator(counts=False)
    key_of(alice, passkey)
    answer = answer_of(client, passkey)

    def come(number: int) -> int:
        same = Client(REMOTE_ADDR=f"198.51.100.{number}")
        same.cookies = client.cookies
        try:
            return sign_in(same, password, key=answer)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(come, range(4))) == [302, 422, 422, 422]
