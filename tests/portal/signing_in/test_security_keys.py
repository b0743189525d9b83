"""Security keys at the doors: with the password, once, and of this browser only."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import (
    SecurityKey,
    UsedChallenge,
    User,
)
from chatwork_admin.organizations.models.sessions import Began
from saml_sso.models import IdentityProvider
from tests.organizations.proofs.authenticator import Authenticator, challenge_in, key_of
from tests.organizations.proofs.test_second_factor import code_of, with_app
from tests.portal.mails.mailing import deliver, sent
from tests.portal.signing_in.keys import (
    ASK,
    DOORS,
    answer_of,
    sign_in,
)


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
