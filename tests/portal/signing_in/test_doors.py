"""The organization's own login URL, and the page for whoever does not know it."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.portal.signing_in import lost_doors
from saml_sso.models import IdentityProvider
from saml_sso.sign_in import rate
from tests.conftest import signed_in
from tests.organizations.proofs.test_second_factor import code_of, with_app
from tests.portal.mails.mailing import deliver, sent

DOOR = "/s/acme/"
FIND = "/sign-in/organization/"
CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
SAML_LINK = 'id="saml-sign-in"'
FORM = 'id="sign-in-form"'


def put(provider: IdentityProvider, mode: str) -> None:
    IdentityProvider.objects.filter(pk=provider.pk).update(mode=mode)


def sign_in(client: Client, email: str, password: str, url: str) -> Any:
    return client.post(url, {"username": email, "password": password})


def test_without_saml_the_door_asks_for_a_password(
    client: Client, acme: Organization
) -> None:
    page = client.get(DOOR).text

    assert FORM in page
    assert SAML_LINK not in page


def test_saml_that_is_set_up_but_off_is_not_offered(
    client: Client, acme_idp: IdentityProvider
) -> None:
    assert SAML_LINK not in client.get(DOOR).text


def test_optional_saml_is_the_first_thing_offered_and_a_plain_link(
    client: Client, acme: Organization, acme_idp: IdentityProvider
) -> None:
    put(acme_idp, "optional")

    page = client.get(f"{DOOR}?next=/manage/sync/").text

    link = f"/saml/{acme.public_id}/login?next=%2Fmanage%2Fsync%2F"
    assert f'{SAML_LINK} href="{link}"' in page
    assert page.index(SAML_LINK) < page.index(FORM)


def test_optional_saml_lets_administrators_in_with_a_password(
    client: Client, acme_idp: IdentityProvider, carol: User, password: str
) -> None:
    put(acme_idp, "optional")

    response = sign_in(client, carol.user_name, password, DOOR)

    assert response["Location"] == "/manage/"


def test_required_saml_leaves_no_password_form(
    client: Client, acme_idp: IdentityProvider
) -> None:
    put(acme_idp, "required")

    page = client.get(DOOR).text

    assert SAML_LINK in page
    assert FORM not in page


@pytest.mark.parametrize("url", [DOOR, "/sign-in/"])
@pytest.mark.parametrize("who", ["alice@acme.test", "carol@acme.test"])
def test_required_saml_refuses_every_password(
    client: Client,
    acme_idp: IdentityProvider,
    carol: User,
    password: str,
    url: str,
    who: str,
) -> None:
    put(acme_idp, "required")

    response = sign_in(client, who, password, url)

    assert response.status_code == 422
    assert 'role="alert"' in response.text
    assert not UserSession.objects.exists()
    (event,) = AuditEvent.objects.filter(action__startswith="login.")
    assert event.action == "login.failed"
    assert event.context["code"] == "saml-required"


WRONG = "The e-mail, the password, the code or the key is wrong."
SAML_REQUIRED = "Your organization requires SAML sign-in."
BYPASS = "https://admin.example.jp/s/acme/?sso_skip=1"


@pytest.mark.parametrize("who", ["alice@acme.test", "carol@acme.test"])
def test_required_saml_is_said_once_every_proof_was_right(
    client: Client, acme_idp: IdentityProvider, carol: User, password: str, who: str
) -> None:
    put(acme_idp, "required")

    page = sign_in(client, who, password, "/sign-in/").text

    assert SAML_REQUIRED in page
    assert WRONG not in page
    assert 'href="https://admin.example.jp/s/acme/"' in page
    assert (f'href="{BYPASS}"' in page) == who.startswith("alice")
    assert not UserSession.objects.exists()


def test_before_every_proof_was_right_required_saml_is_not_told(
    client: Client, acme_idp: IdentityProvider, alice: User, password: str
) -> None:
    key = with_app(alice)
    answers = {}
    for mode in ("off", "required"):
        put(acme_idp, mode)
        for typed, code in (("wrong", ""), ("wrong", code_of(key)), (password, "")):
            sent = {"username": alice.user_name, "password": typed, "code": code}
            response = Client().post("/sign-in/", sent)
            answers[mode, typed, code] = response.status_code
            assert WRONG in response.text
            assert SAML_REQUIRED not in response.text
            assert BYPASS not in response.text
    assert set(answers.values()) == {422}

    sent = {"username": alice.user_name, "password": password, "code": code_of(key)}
    assert SAML_REQUIRED in client.post("/sign-in/", sent).text


@pytest.mark.parametrize(
    "typed",
    [
        "acme",
        " ACME ",
        "ａｃｍｅ",
        "ＡＣＭＥ",
        "https://admin.example.jp/s/Acme/",
        "/s/acme/",
        "admin.example.jp/s/acme",
        "https://admin.example.jp/s/acme/",
        "https://admin.example.jp/s/acme/?sso_skip=1",
    ],
)
def test_who_types_the_login_url_is_led_to_it(client: Client, typed: str) -> None:
    response = client.post(FIND, {"organization": typed})

    assert response["Location"] == DOOR


def test_where_to_go_is_not_forgotten_on_the_way(client: Client) -> None:
    query = {"organization": "acme", "next": "/manage/sync/"}
    response = client.post(FIND, query)

    assert response["Location"] == f"{DOOR}?next=%2Fmanage%2Fsync%2F"


def test_whether_an_organization_exists_changes_nothing(
    client: Client, acme: Organization, django_assert_num_queries: Any
) -> None:
    for name in ("acme", "nobody"):
        with django_assert_num_queries(0):
            response = client.post(FIND, {"organization": name})
        assert response["Location"] == f"/s/{name}/"


@pytest.mark.parametrize(
    "typed",
    ["", "bob@", "a b", "https://evil.test/", "//evil.test", "é", "\0", "a\0@b.test"],
)
def test_what_is_no_login_url_stays_in_its_field(client: Client, typed: str) -> None:
    response = client.post(FIND, {"organization": typed, "next": "/account/"})

    assert response.status_code == 422
    assert f'name="organization" value="{escape(typed)}"' in response.text
    assert "This is no login URL and no e-mail address." in response.text
    assert response.text.count("autofocus") == 1
    assert response.text.count('name="next" value="/account/"') == 2


@pytest.mark.parametrize("door", ["/s/ACME/", "/s/Acme/", "/s/ａｃｍｅ/"])
def test_the_door_opens_in_capitals_too(
    client: Client, alice: User, password: str, door: str
) -> None:
    assert "Acme 株式会社" in client.get(door).text
    response = sign_in(client, alice.user_name, password, door)
    assert response["Location"] == "/manage/"


def test_capitals_are_not_kept(acme: Organization) -> None:
    with pytest.raises(IntegrityError, match="a_slug_has_no_capitals"):
        Organization.objects.update(slug="Acme")


@pytest.mark.parametrize("slug", ["acmee", "AC ME", "acme.co", "é", "\0", '"><b>'])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_misspelt_door_keeps_what_was_typed_and_says_what_to_do(
    client: Client, acme: Organization, slug: str, method: str
) -> None:
    door = f"/s/{quote(slug, safe='')}/"
    response = getattr(client, method)(f"{door}?next=/account/&sso_skip=1")

    assert response.status_code == 404
    assert f'name="organization" value="{escape(slug)}"' in response.text
    assert 'name="next" value="/account/"' in response.text
    assert "enter your login e-mail" in response.text
    assert acme.name not in response.text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_whoever_types_their_email_gets_the_login_url_by_mail_and_nobody_else_does(
    client: Client, acme: Organization, bob: User, language: str
) -> None:
    bob.document["preferredLanguage"] = language
    bob.save()
    answer = client.post(FIND, {"organization": " BOB@acme.test "})
    deliver(acme)

    assert answer["Location"] == "/sign-in/"
    (mail,) = sent()
    assert mail.to == ["bob@acme.test"]
    assert "\nhttps://admin.example.jp/s/acme/\n" in mail.body
    assert "IP address: 127.0.0.1" in mail.body or language == "ja"
    assert "administer" not in mail.body
    (event,) = AuditEvent.objects.filter(action="login.url_requested")
    assert event.target["id"] == str(bob.pk)
    assert event.actor["kind"] == "system"


def test_the_answer_is_the_same_whether_there_is_somebody_or_not(
    acme: Organization, alice: User, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    addresses = ["alice@acme.test", "alice@acme.test", "bob@acme.test", "nobody@x.test"]
    answers = [
        Client().post(FIND, {"organization": each}, follow=True) for each in addresses
    ]
    pages = {CHANGING.sub("", each.text) for each in answers}

    assert len(pages) == 1
    assert "a mail with the login URL is on its way" in pages.pop()
    assert [each.redirect_chain for each in answers] == [[("/sign-in/", 302)]] * 4
    deliver(acme)
    assert [mail.to for mail in sent()] == [["alice@acme.test"]]  # once an hour


def test_the_answer_takes_the_same_time_whether_there_is_somebody_or_not(
    acme: Organization, alice: User
) -> None:
    for email in ("alice@acme.test", "nobody@x.test"):
        asked_at = time.monotonic()
        Client().post(FIND, {"organization": email})
        assert time.monotonic() - asked_at >= lost_doors.ANSWERED_AFTER


def test_one_place_asks_so_many_times_whomever_it_asks_for(
    acme: Organization, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_doors, "ANSWERED_AFTER", 0)
    for place in range(rate.LOST.burst):
        assert (
            Client().post(FIND, {"organization": f"{place}@x.test"}).status_code == 302
        )

    for email in ("nobody@x.test", "alice@acme.test"):
        refused = Client().post(FIND, {"organization": email})
        assert (refused.status_code, refused["Retry-After"]) == (429, "30")
        assert "Please wait 1 minute" in refused.text
    assert not AuditEvent.objects.filter(action="login.url_requested").exists()
    elsewhere = Client().post(
        FIND, {"organization": "x@x.test"}, REMOTE_ADDR="192.0.2.9"
    )
    assert elsewhere.status_code == 302
    assert Client().post(FIND, {"organization": "acme"}).status_code == 302


def test_another_hour_another_mail(
    client: Client, acme: Organization, alice: User
) -> None:
    client.post(FIND, {"organization": alice.user_name})
    early = timezone.now() - timedelta(minutes=61)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE chatwork_owner")
        AuditEvent.objects.filter(action="login.url_requested").update(
            occurred_at=early
        )
        cursor.execute("SET ROLE chatwork_app")
    client.post(FIND, {"organization": alice.user_name})

    assert AuditEvent.objects.filter(action="login.url_requested").count() == 2


def test_who_was_suspended_meanwhile_gets_no_mail(
    client: Client, acme: Organization, bob: User
) -> None:
    client.post(FIND, {"organization": bob.user_name})
    User.objects.filter(pk=bob.pk).update(is_active=False)
    deliver(acme)

    assert not sent()


def test_an_address_is_taken_by_a_form_only(client: Client, db: None) -> None:
    response = client.get(FIND, {"organization": "bob@acme.test"})

    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_the_page_without_an_organization_offers_both_ways(client: Client) -> None:
    page = client.get("/sign-in/?next=/account/").text

    assert FORM in page
    assert 'id="find-door-form"' in page
    assert page.count('name="next" value="/account/"') == 2


def test_a_member_who_has_signed_in_is_led_to_their_account(
    client: Client, bob: User
) -> None:
    signed_in(bob, client)

    assert client.get("/sign-in/")["Location"] == "/account/"
    assert client.get("/")["Location"] == "/account/"


@pytest.mark.parametrize("mode", ["off", "optional", "required"])
def test_the_door_leads_whoever_is_in_on(
    as_alice: Client, bob: User, acme_idp: IdentityProvider, mode: str
) -> None:
    put(acme_idp, mode)

    assert as_alice.get(DOOR)["Location"] == "/manage/"
    assert signed_in(bob).get(DOOR)["Location"] == "/account/"
    wanted = {"next": "/manage/sync/"}
    for door in (DOOR, "/sign-in/"):
        assert as_alice.get(door, wanted)["Location"] == "/manage/sync/"
        assert as_alice.get(door, {"next": "//evil.test"})["Location"] == "/manage/"


def test_the_door_of_another_organization_says_who_is_in(
    as_mallory: Client, acme: Organization, carol: User, password: str
) -> None:
    page = as_mallory.get(DOOR).text

    assert "You are signed in as <bdi>Mallory</bdi> of <bdi>Globex</bdi>." in page
    assert "Go on there" in page
    assert FORM in page
    sign_in(as_mallory, carol.user_name, password, DOOR)
    assert "Carol" in as_mallory.get("/account/").text
    assert UserSession.objects.get(ended_why="replaced").user.user_name.startswith(
        "mallory"
    )


def test_the_way_around_saml_can_be_tried_by_who_is_in(
    as_alice: Client, acme: Organization
) -> None:
    assert "Sign-in without SAML" in as_alice.get(f"{DOOR}?sso_skip=1").text


def test_the_account_page_is_everybodys_own(
    client: Client, as_alice: Client, bob: User
) -> None:
    signed_in(bob, client)

    assert "bob@acme.test" in client.get("/account/").text
    page = as_alice.get("/account/")
    assert "alice@acme.test" in page.text
    assert "To the admin settings" in page.text
    assert "no-store" in page["Cache-Control"]


def test_strangers_have_no_account(client: Client, db: None) -> None:
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"
