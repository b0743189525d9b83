"""Guesses are few, whoever makes them, and keep nobody out but who makes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from axes.models import AccessAttempt
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.database.statements import execute
from chatwork_admin.organizations.attempts.turns import ONE_AT_A_TIME
from chatwork_admin.organizations.models import User
from saml_sso.identity_providers import break_glass
from tests.conftest import actor_for
from tests.organizations.proofs.authenticator import Authenticator, key_of
from tests.organizations.proofs.test_second_factor import code_of, with_app

URL = "/sign-in/"
AROUND = "/s/acme/?sso_skip=1"
SPELLINGS = ("alice@acme.test", "ALICE@acme.test", "Alice@Acme.Test")


def come(
    client: Client, password: str, url: str = URL, name: str = "", **more: str
) -> int:
    sent = {"username": name or "alice@acme.test", "password": password, **more}
    return client.post(url, sent).status_code


def leave(client: Client) -> None:
    client.post("/sign-out/")


@pytest.fixture
def known(alice: User, password: str) -> Client:
    """The browser with which Alice signed in yesterday, at the office's address."""
    client = Client()
    assert come(client, password) == 302
    leave(client)
    return client


def exhaust(client: Client, url: str = URL, **more: str) -> None:
    for attempt in range(12):
        status = come(client, "a guess", url, SPELLINGS[attempt % 3], **more)
    assert status == 429


@pytest.mark.parametrize("url", [URL, "/s/acme/"])
def test_a_stranger_at_the_same_address_keeps_no_known_browser_out(
    known: Client, password: str, url: str
) -> None:
    stranger = Client()
    exhaust(stranger, url)

    assert come(known, password, url) == 302
    assert come(stranger, password, url) == 429  # and has no more tries than before


def test_nor_at_the_way_around_saml(known: Client, alice: User, password: str) -> None:
    key = with_app(alice)
    exhaust(Client(), AROUND, code="000000")

    assert come(known, password, AROUND, code=code_of(key)) == 302


def test_nor_whoever_holds_an_emergency_code(alice: User, password: str) -> None:
    actor = actor_for(alice)
    codes = break_glass.issue(alice.organization, seen=None, actor=actor)
    for url in (URL, AROUND):
        exhaust(Client(), url, code="ABCD-EFGH-JKLM-NPQR")

    assert come(Client(), password, AROUND, code=codes[0]) == 302
    assert come(Client(), password, AROUND, code=codes[0]) == 429


def test_whoever_found_an_emergency_code_has_ten_guesses_of_the_password(
    alice: User, password: str
) -> None:
    actor = actor_for(alice)
    codes = break_glass.issue(alice.organization, seen=None, actor=actor)
    finders = [Client(REMOTE_ADDR=f"198.51.100.{each}") for each in range(12)]

    statuses = [come(each, "a guess", AROUND, code=codes[0]) for each in finders]

    assert statuses == [422] * 9 + [429] * 3
    assert come(Client(), password, AROUND, code=codes[0]) == 429
    assert come(Client(), password, AROUND, code=codes[1]) == 302


def test_a_known_browser_has_ten_tries_as_well_wherever_it_is(
    known: Client, alice: User, password: str
) -> None:
    statuses = []
    for each in range(12):
        known.defaults["REMOTE_ADDR"] = f"198.51.100.{each}"
        statuses.append(come(known, "a guess"))

    assert statuses == [422] * 9 + [429] * 3
    assert come(known, password) == 429
    assert come(Client(), password) == 302  # others go on


def test_a_browser_is_known_for_one_person_only(
    known: Client, carol: User, password: str
) -> None:
    for _ in range(10):
        come(Client(), "a guess", name="carol@acme.test")

    assert come(known, password, name="carol@acme.test") == 429


def test_a_browser_of_somebody_else_does_not_become_known_by_renaming_the_cookie(
    known: Client, carol: User, password: str
) -> None:
    carols = Client()
    come(carols, password, name="carol@acme.test")
    (hers,) = [name for name in carols.cookies if name.startswith("__Host-known-")]
    (his,) = [name for name in known.cookies if name.startswith("__Host-known-")]
    forged = Client()
    forged.cookies[hers] = known.cookies[his].value
    exhaust(Client())
    for _ in range(10):
        come(Client(), "a guess", name="carol@acme.test")

    assert come(forged, password, name="carol@acme.test") == 429


def test_only_a_whole_sign_in_makes_a_browser_known(alice: User, password: str) -> None:
    with_app(alice)
    client = Client()
    assert come(client, password) == 422

    assert not [name for name in client.cookies if "known" in name]


def test_the_cookie_is_hidden_from_scripts_and_other_sites_and_lasts(
    known: Client,
) -> None:
    (cookie,) = [each for name, each in known.cookies.items() if "known" in name]

    assert cookie.key.startswith("__Host-known-")
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert cookie["max-age"] == 180 * 24 * 60 * 60
    assert "alice" not in str(cookie)


def test_after_a_quarter_of_an_hour_it_goes_on_whatever_was_tried_meanwhile(
    alice: User, password: str
) -> None:
    client = Client()
    exhaust(client)
    rows = AccessAttempt.objects.values_list("failures_since_start", "attempt_time")
    kept = list(rows)
    for _ in range(3):
        assert come(client, password) == 429

    assert list(rows) == kept
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert come(client, password) == 302


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
def test_it_says_how_long_is_left_of_it(
    known: Client, password: str, *, is_known: bool
) -> None:
    client = known if is_known else Client()
    exhaust(client)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=12.5))

    said = {"username": "alice@acme.test", "password": password}
    answer = client.post(URL, said)

    assert answer.status_code == 429
    assert 140 < int(answer["Retry-After"]) <= 150
    assert "Please wait 3 minutes" in answer.text


def test_a_subscriber_of_ipv6_has_ten_tries_and_not_ten_for_each_address(
    alice: User,
) -> None:
    statuses = [
        come(Client(REMOTE_ADDR=f"2001:db8:1:2::{each}"), "a guess")
        for each in range(12)
    ]

    assert statuses == [422] * 9 + [429] * 3


def test_the_last_try_is_recorded_as_such_and_what_follows_is_not(alice: User) -> None:
    exhaust(Client())

    failures = AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED).order_by("id")
    codes = [event.context.get("code") for event in failures]
    assert codes == [None] * 9 + ["too-many-attempts"]


def test_a_key_is_no_way_around_the_count(alice: User, password: str) -> None:
    blue = Authenticator()
    key_of(alice, blue)
    client = Client()
    exhaust(client)

    answer = blue.get(client.post("/sign-in/key/").text)
    assert come(client, password, key=answer) == 429


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_counted_like_guesses_one_by_one(
    alice: User, password: str
) -> None:
    with_app(alice)
    at_once = Barrier(16)

    def guess(number: int) -> int:
        at_once.wait()
        try:
            return come(Client(), password, code=f"{number:06}")
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(guess, range(16)))

    assert set(statuses) <= {422, 429}  # who waits too long is not asked
    assert statuses.count(422) <= 9


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_too_long_for_their_turn_is_refused_unasked(
    alice: User, password: str
) -> None:
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        execute(ONE_AT_A_TIME, ["alice@acme.test 127.0.0.1"])

        status = pool.submit(come_from_elsewhere, password).result()

    assert status == 429
    assert come(Client(), password) == 302


def come_from_elsewhere(password: str) -> int:
    """As `come`, by another connection."""
    try:
        return come(Client(), password)
    finally:
        connection.close()
