"""The way in around SAML: who gets in, with what, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.proofs import recovery_codes
from saml_sso.identity_providers import break_glass
from saml_sso.models import Arrival, IdentityProvider
from tests.conftest import actor_for
from tests.organizations.proofs.test_second_factor import code_of, with_app

URL = "/s/acme/?sso_skip=1"


@pytest.fixture
def codes(acme: Organization, alice: User) -> tuple[str, ...]:
    return break_glass.issue(acme, seen=None, actor=actor_for(alice))


def come(client: Client, password: str, code: str, user_name: str = "") -> Any:
    sent = {
        "username": user_name or "alice@acme.test",
        "password": password,
        "code": code,
    }
    return client.post(URL, sent)


def used() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="login.bypass_used").order_by("id"))


def assert_refused(response: Any) -> None:
    assert response.status_code == 422
    assert "The e-mail, the password, the code or the key is wrong." in response.text
    assert not UserSession.objects.exists()
    assert not used()


@pytest.mark.parametrize("mode", ["off", "optional", "required"])
def test_the_administrator_comes_in_with_password_and_code(
    client: Client,
    alice: User,
    acme_idp: IdentityProvider,
    codes: tuple[str, ...],
    password: str,
    mode: str,
) -> None:
    IdentityProvider.objects.update(mode=mode)
    assert "Sign-in without SAML" in client.get(URL).text
    response = come(client, password, codes[0].lower())

    assert response["Location"] == "/manage/"
    assert UserSession.objects.get().began == "break-glass"
    acme_idp.refresh_from_db()
    assert acme_idp.bypass_proven_at is not None
    (event,) = used()
    assert event.actor["id"] == str(alice.pk)
    assert event.context["address"] == "127.0.0.1"
    assert event.context["rehearsal"] == (mode != "required")


def test_a_code_works_once(
    client: Client, alice: User, codes: tuple[str, ...], password: str
) -> None:
    come(client, password, codes[0])
    again = come(Client(), password, codes[0])

    assert again.status_code == 422
    assert len(used()) == UserSession.objects.count() == 1


def test_neither_proof_alone_is_enough(
    client: Client, acme: Organization, codes: tuple[str, ...], password: str
) -> None:
    assert come(client, password, "").status_code == 422
    for pair in (
        ("", codes[0]),
        ("wrong", codes[0]),
        (password, "AAAA-BBBB-CCCC-DDDD"),
    ):
        assert_refused(come(Client(), *pair))
    assert break_glass.codes_left(acme) == 10


def test_a_code_of_the_app_does_as_well_and_is_told(
    client: Client,
    acme: Organization,
    alice: User,
    acme_idp: IdentityProvider,
    codes: tuple[str, ...],
    password: str,
) -> None:
    key = with_app(alice)
    response = come(client, password, code_of(key))

    assert response.status_code == 302
    assert UserSession.objects.latest("started_at").began == "password-and-code"
    acme_idp.refresh_from_db()
    assert acme_idp.bypass_proven_at is not None
    assert used()[0].context["codes_left"] == 10


def test_six_digits_of_nobodys_app_are_refused(
    client: Client, codes: tuple[str, ...], password: str
) -> None:
    assert_refused(come(client, password, "123456"))


def test_an_emergency_code_stands_in_for_a_lost_app(
    client: Client, alice: User, codes: tuple[str, ...], password: str
) -> None:
    with_app(alice)

    assert come(client, password, codes[0]).status_code == 302


def test_a_recovery_code_does_as_well_as_the_app_and_once(
    client: Client, alice: User, codes: tuple[str, ...], password: str
) -> None:
    with_app(alice)
    instead = recovery_codes.issue(alice, actor=SYSTEM)[0]

    assert come(client, password, instead).status_code == 302
    assert come(Client(), password, instead).status_code == 422
    assert used()[0].context["codes_left"] == 10  # of the emergency codes


def test_without_a_password_no_code_of_an_app_is_enough(
    client: Client, alice: User, codes: tuple[str, ...]
) -> None:
    key = with_app(alice)
    instead = recovery_codes.issue(alice, actor=SYSTEM)[0]
    User.objects.filter(pk=alice.pk).update(password="!unusable")

    for code in (code_of(key), instead):
        assert come(Client(), "", code).status_code == 422
    assert recovery_codes.codes_left(alice) == 10


@pytest.mark.parametrize("stored", ["", "!unusable"])
def test_an_administrator_without_a_password_comes_in_with_a_code(
    client: Client, alice: User, codes: tuple[str, ...], stored: str
) -> None:
    User.objects.filter(pk=alice.pk).update(password=stored)
    assert_refused(come(Client(), "", "AAAA-BBBB-CCCC-DDDD"))

    assert come(client, "", codes[0]).status_code == 302


@pytest.mark.parametrize("who", ["carol@acme.test", "mallory@globex.test", "nobody@x"])
def test_nobody_else_comes_in(
    client: Client,
    carol: User,
    mallory: User,
    codes: tuple[str, ...],
    password: str,
    who: str,
) -> None:
    assert_refused(come(client, password, codes[0], who))
    (event,) = AuditEvent.objects.filter(action="login.failed")
    assert event.context["channel"] == "bypass"
    assert str(event.organization_id) == str(carol.organization_id)


def test_a_neighbours_codes_open_nothing(
    client: Client, globex: Organization, mallory: User, alice: User, password: str
) -> None:
    theirs = break_glass.issue(globex, seen=None, actor=actor_for(mallory))

    assert_refused(come(client, password, theirs[0]))


def test_a_suspended_administrator_stays_out(
    client: Client,
    acme: Organization,
    alice: User,
    bob: User,
    codes: tuple[str, ...],
    password: str,
) -> None:
    User.objects.filter(pk=alice.pk).update(role="member")
    User.objects.filter(pk=bob.pk).update(role="administrator")

    assert_refused(come(client, password, codes[0]))


def test_attempts_are_limited_for_an_organization_and_an_address(
    client: Client, alice: User, codes: tuple[str, ...], password: str
) -> None:
    names = (f"nobody{number}@acme.test" for number in range(10))
    for name in names:
        assert come(client, "x", "x", name).status_code == 422
    response = come(client, password, "000000")

    assert response.status_code == 429
    assert response["Retry-After"] == "90"
    assert not UserSession.objects.exists()
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert come(elsewhere, password, "000000").status_code == 422
    assert come(client, password, codes[0]).status_code == 302  # nobody guesses it
    assert Arrival.objects.filter(address__startswith="b:").count() == 2


def test_ten_wrong_passwords_use_up_the_code_beside_them_and_no_other(
    client: Client, alice: User, codes: tuple[str, ...], password: str
) -> None:
    statuses = [come(client, "wrong", codes[0]).status_code for _ in range(10)]
    assert statuses == [422] * 9 + [429]
    refused = come(client, password, codes[0])

    assert refused.status_code == 429
    assert "An emergency code that was not tried yet is taken even now." in refused.text
    assert come(client, password, codes[1]).status_code == 302


def test_what_was_typed_is_stored_nowhere(
    client: Client, alice: User, codes: tuple[str, ...]
) -> None:
    come(client, "my wrong password", codes[0])

    kept = "".join(str(row) for row in AccessAttempt.objects.values())
    assert kept
    assert codes[0] not in kept
    assert "my wrong password" not in kept


def test_where_to_go_is_kept_and_never_elsewhere(
    client: Client, alice: User, codes: tuple[str, ...], password: str
) -> None:
    sent = {"username": alice.user_name, "password": password}
    ours = client.post(URL, {**sent, "code": codes[0], "next": "/manage/sync/"})
    evil = Client().post(URL, {**sent, "code": codes[1], "next": "https://evil.test/"})

    assert ours["Location"] == "/manage/sync/"
    assert evil["Location"] == "/manage/"


def test_the_page_speaks_japanese(client: Client, acme: Organization) -> None:
    page = client.get(URL, headers={"Accept-Language": "ja"}).text

    assert "緊急用コード" in page


def test_an_emergency_sign_in_counts_as_a_proof_for_ten_minutes_and_says_its_price(
    client: Client, alice: User, acme_idp: IdentityProvider, codes: tuple[str, ...]
) -> None:
    IdentityProvider.objects.update(mode="optional")
    User.objects.filter(pk=alice.pk).update(password="!unusable")
    come(client, "", codes[0])
    off = "/manage/security/login/off/"
    assert client.post(off).status_code == 302
    assert IdentityProvider.objects.get().mode == "off"

    UserSession.objects.update(authenticated_at=None)
    for mode in ("off", "optional"):  # with a broken Entra ID, perhaps
        IdentityProvider.objects.update(mode=mode)
        page = client.post("/manage/security/login/codes/issue/").text
        assert "That uses the code up, 9 are left" in page
