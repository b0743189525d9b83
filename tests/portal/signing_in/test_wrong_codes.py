"""Whoever knows a password has few guesses of the one-time code, and keeps nobody out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import SecondFactor, User, UserSession
from chatwork_admin.organizations.proofs import recovery_codes
from tests.organizations.proofs.authenticator import Authenticator, key_of
from tests.organizations.proofs.test_second_factor import code_of, with_app
from tests.portal.mails.mailing import deliver, sent

URL = "/sign-in/"
WRONG = "The e-mail, the password, the code or the key is wrong."
RESTING = "There were too many wrong one-time codes"
USED = "This one-time code was used already."
ADDRESS = "198.51.{}.{}"


@pytest.fixture
def key(alice: User) -> str:
    return with_app(alice)


def wrong_codes(key: str) -> Iterator[str]:
    """Yield codes that the app shows neither now nor soon."""
    shown = {code_of(key, steps=steps) for steps in range(-3, 10)}
    return (f"{each:06}" for each in count(100) if f"{each:06}" not in shown)


def come(number: int, password: str, code: str, url: str = URL) -> str:
    """Sign in from an address of one's own; return the page, or where it led."""
    client = Client(REMOTE_ADDR=ADDRESS.format(number // 200, number % 200 + 1))
    said = {"username": "alice@acme.test", "password": password, "code": code}
    answer = client.post(url, said)
    return answer.headers.get("Location") or answer.text


def exhaust(key: str, password: str, *, guesses: int = 20) -> list[str]:
    codes = wrong_codes(key)
    return [come(number, password, next(codes)) for number in range(guesses)]


def forget(hours: float) -> None:
    """As some hours later."""
    app = SecondFactor.objects.get()
    assert app.wrong_until is not None
    app.wrong_until -= timedelta(hours=hours)
    app.save()


def test_after_twenty_from_as_many_addresses_even_the_right_code_rests(
    key: str, password: str
) -> None:
    pages = exhaust(key, password)
    assert all(WRONG in page for page in pages)

    assert RESTING in come(100, password, code_of(key))
    assert RESTING in come(101, password, "100100")


def test_an_hour_later_one_more_is_looked_at_and_a_day_later_twenty(
    key: str, password: str
) -> None:
    exhaust(key, password)
    forget(hours=1)
    assert WRONG in come(30, password, next(wrong_codes(key)))
    assert RESTING in come(31, password, code_of(key))

    forget(hours=1)
    assert come(32, password, code_of(key)) == "/manage/"
    forget(hours=19)
    pages = exhaust(key, password, guesses=21)
    assert [WRONG in page for page in pages] == [True] * 20 + [False]


def test_a_right_code_does_not_give_the_guesser_more(key: str, password: str) -> None:
    exhaust(key, password, guesses=19)
    assert come(30, password, code_of(key)) == "/manage/"
    assert WRONG in come(31, password, next(wrong_codes(key)))

    assert RESTING in come(32, password, code_of(key, steps=1))


def test_who_does_not_know_the_password_makes_nothing_rest(
    key: str, password: str
) -> None:
    for number, code in zip(range(25), wrong_codes(key), strict=False):
        assert WRONG in come(number, "a guess", code)

    assert come(30, password, code_of(key)) == "/manage/"


@pytest.mark.parametrize("typed", ["", "12345", "ABCD-EFGH-JKLM", "１２３４５６"])
def test_what_is_no_code_of_an_app_does_not_count(
    key: str, password: str, typed: str
) -> None:
    for number in range(21):
        come(number, password, typed)

    assert come(30, password, code_of(key)) == "/manage/"


def test_recovery_codes_count_while_the_app_rests(
    alice: User, key: str, password: str
) -> None:
    code, *_ = recovery_codes.issue(alice, actor=SYSTEM)
    exhaust(key, password)

    assert come(30, password, code) == "/manage/"


def test_a_security_key_counts_while_the_app_rests(
    alice: User, key: str, password: str
) -> None:
    blue = Authenticator()
    key_of(alice, blue)
    exhaust(key, password)
    client = Client()
    answer = blue.get(client.post("/sign-in/key/").text)

    said = {"username": "alice@acme.test", "password": password, "key": answer}
    assert client.post(URL, said)["Location"] == "/manage/"


def test_guesses_at_every_door_and_of_proofs_count_together(
    as_alice: Client, alice: User, key: str, password: str
) -> None:
    codes = wrong_codes(key)
    for number, url in enumerate([URL, "/s/acme/", "/s/acme/?sso_skip=1"] * 4):
        assert WRONG in come(number, password, next(codes), url)
    UserSession.objects.update(
        authenticated_at=timezone.now() - timedelta(minutes=11), ended_at=None
    )
    for _ in range(8):
        said = {"step-up-password": password, "step-up-code": next(codes)}
        answer = as_alice.post("/manage/sync/stop/pause/", {"reason": "why"} | said)
        assert "The password, the one-time code or the key is wrong." in answer.text

    said = {"step-up-password": password, "step-up-code": code_of(key)}
    answer = as_alice.post("/manage/sync/stop/pause/", {"reason": "why"} | said)
    assert RESTING in answer.text
    for number, url in enumerate([URL, "/s/acme/", "/s/acme/?sso_skip=1"], start=30):
        assert RESTING in come(number, password, code_of(key), url)


def test_the_rest_is_recorded_and_told_to_the_person_once_a_day(
    alice: User, key: str, password: str
) -> None:
    exhaust(key, password)
    forget(hours=1)
    come(30, password, next(wrong_codes(key)))
    deliver(alice.organization)

    rests = AuditEvent.objects.filter(action=Action.CODES_RESTING)
    assert [each.target["id"] for each in rests] == [str(alice.pk)] * 2
    assert rests.order_by("id")[0].context["address"] == "198.51.0.20"
    assert {each.actor["kind"] for each in rests} == {"system"}  # it may be anybody
    told = [each for each in sent() if "Too many wrong one-time codes" in each.subject]
    assert [each.to for each in told] == [["alice@acme.test"]]
    assert "somebody knows your password: change it at once" in str(told[0].body)


def test_refusals_while_codes_rest_say_so_in_the_audit_log(
    key: str, password: str
) -> None:
    exhaust(key, password)
    come(30, password, code_of(key))

    failures = AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED)
    assert failures.latest("id").context["code"] == "codes-rest"
    assert failures.filter(context__has_key="code").count() == 1


def test_another_app_begins_anew(alice: User, key: str, password: str) -> None:
    exhaust(key, password)

    other = with_app(alice)  # as whoever has proven it otherwise

    assert come(30, password, code_of(other)) == "/manage/"


def test_a_code_that_was_used_is_told_from_a_wrong_one_and_counts_for_nothing(
    key: str, password: str
) -> None:
    code = code_of(key)
    client = Client()
    said = {"username": "alice@acme.test", "password": password, "code": code}
    assert client.post(URL, said).status_code == 302
    client.post("/sign-out/")

    for _ in range(12):
        answer = client.post(URL, said)
        assert answer.status_code == 422
        assert USED in answer.text
    assert WRONG in client.post(URL, said | {"password": "a guess"}).text
    failures = AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED)
    assert failures.filter(context__code="code-used").count() == 12
    assert client.post(URL, said | {"code": code_of(key, steps=1)}).status_code == 302
    assert SecondFactor.objects.get().wrong_until is None


@pytest.mark.django_db(transaction=True)
def test_thirty_guesses_at_once_from_as_many_addresses_are_twenty(
    key: str, password: str
) -> None:
    at_once, codes = Barrier(30), wrong_codes(key)

    def guess(number: int, code: str) -> str:
        at_once.wait()
        try:
            return come(number, password, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(30) as pool:
        pages = list(pool.map(guess, range(30), codes))

    assert sum(WRONG in page for page in pages) <= 20
    refused = (WRONG, RESTING, "Too many attempts")  # by whoever waits too long
    assert all(any(words in page for words in refused) for page in pages)
    assert RESTING in come(30, password, code_of(key))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("url", [URL, "/s/acme/", "/s/acme/?sso_skip=1"])
def test_who_waits_too_long_for_the_app_is_asked_to_come_again_and_counts_nowhere(
    key: str, password: str, url: str
) -> None:
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        SecondFactor.objects.select_for_update().get()
        wrong = next(wrong_codes(key))
        answer = pool.submit(come_from_elsewhere, password, wrong, url).result()

    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert "Too many attempts" in answer.text
    assert SecondFactor.objects.get().wrong_until is None
    assert not AccessAttempt.objects.exists()
    assert not AuditEvent.objects.filter(action=Action.SIGN_IN_FAILED).exists()
    assert come(30, password, code_of(key), url) == "/manage/"


def come_from_elsewhere(password: str, code: str, url: str) -> Any:
    """Sign in by another connection; return the answer."""
    said = {"username": "alice@acme.test", "password": password, "code": code}
    try:
        return Client().post(url, said)
    finally:
        connection.close()
