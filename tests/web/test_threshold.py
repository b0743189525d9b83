"""How much may be sent by whom, and what becomes of more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.models.sessions import Why
from chatwork_admin.organizations.sessions import ending
from chatwork_admin.web.bodies import TooLarge
from chatwork_admin.web.threshold import LARGEST, OF_STRANGERS, allowed, caller
from chatwork_admin.web.turns import Caller
from saml_sso.sign_in import posted
from tests.conftest import ScimClientFor, enable, signed_in

METADATA = "/manage/security/login/metadata/"
FORM = "application/x-www-form-urlencoded"
ONE_MORE = str(OF_STRANGERS + 1)


def asked(path: str = METADATA, cookie: str = "", **said: str) -> dict[str, str]:
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_LENGTH": ONE_MORE}
    named = f"theme=dark; {settings.SESSION_COOKIE_NAME}={cookie}" if cookie else ""
    return environ | {"HTTP_COOKIE": named} | said


def cookie_of(person: User) -> str:
    return signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sign-in/", "/oauth/token", "/support/login/", "/x"])
def test_a_stranger_may_send_little(path: str) -> None:
    for cookie in ("", "made-up", "\u00ff" * 50):
        assert allowed(asked(path, cookie)) == OF_STRANGERS


def test_an_identity_provider_may_have_a_person_post_as_much_as_is_read() -> None:
    assert allowed(asked("/saml/0193/acs/")) == posted.LARGEST_BODY


def test_who_is_signed_in_may_send_a_file(alice: User) -> None:
    cookie = cookie_of(alice)
    without_length = asked(cookie=cookie)
    del without_length["CONTENT_LENGTH"]

    assert allowed(asked(cookie=cookie)) == LARGEST
    assert allowed(without_length) == LARGEST


def test_so_may_who_was_until_lately_and_is_told_so(alice: User) -> None:
    cookie = cookie_of(alice)
    ending.cut_off(alice, Why.SUSPENDED)

    assert allowed(asked(cookie=cookie)) == LARGEST


def test_nobody_is_looked_for_who_sends_little(
    django_assert_num_queries: DjangoAssertNumQueries, alice: User
) -> None:
    cookie = cookie_of(alice)
    with django_assert_num_queries(0):
        small = allowed(asked(cookie=cookie, CONTENT_LENGTH=str(OF_STRANGERS)))
        page = allowed(asked(cookie=cookie, REQUEST_METHOD="GET"))

    assert (small, page) == (OF_STRANGERS, OF_STRANGERS)


@pytest.fixture
def without_database(alice: User) -> Iterator[str]:
    cookie = cookie_of(alice)
    here = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    yield cookie
    connection.settings_dict["HOST"] = here
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_nobody_is_told_that_he_sent_too_much(
    without_database: str,
) -> None:
    assert allowed(asked(cookie=without_database)) == LARGEST


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
def test_a_stranger_who_sends_more_is_told_so(kind: str) -> None:
    sent: Any = {"CONTENT_LENGTH": ONE_MORE, "wsgi.input": TooLarge()}

    for client in (Client(), Client(enforce_csrf_checks=True)):
        client.get("/sign-in/")  # as a browser that has the cookie of the form
        answer = client.post("/sign-in/", content_type=kind, **sent)

        assert answer.status_code == 413
        assert "too large" in answer.text


def test_whose_turn_it_is(
    enabled_acme: Organization,
    globex: Organization,
    alice: User,
    scim_client: ScimClientFor,
) -> None:
    """Tokens of one organization share its turn; what was not seen yet may be made up."""
    ours, ours_too, new = (scim_client(enabled_acme) for _ in range(3))
    enable(globex)
    theirs = scim_client(globex)
    for client in (ours, ours_too, theirs):
        assert client.get("/scim/v2/Users?count=0").status_code == 200

    def turn_of(client: Client) -> Caller:
        said = {"HTTP_AUTHORIZATION": client.defaults["HTTP_AUTHORIZATION"]}
        return caller(asked("/scim/v2/Users", REMOTE_ADDR="192.0.2.1", **said))

    assert (
        turn_of(ours)
        == turn_of(ours_too)
        == Caller(str(enabled_acme.pk), is_client=True)
    )
    assert turn_of(theirs) == Caller(str(globex.pk), is_client=True)
    assert turn_of(new) == Caller("192.0.2.1", is_client=True)
    wrong = {"HTTP_AUTHORIZATION": "Bearer x", "REMOTE_ADDR": "2001:db8::1"}
    assert caller(asked("/scim/v2/Users", **wrong)).name == "2001:db8::"
    assert caller(asked("/sign-in/", REMOTE_ADDR="192.0.2.1")).name == "192.0.2.1"
    browser, made_up = (
        signed_in(alice),
        asked("/manage/", "x" * 32, REMOTE_ADDR="192.0.2.1"),
    )
    assert browser.get("/manage/").status_code == 200
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert caller(asked("/manage/", cookie)) == Caller(cookie, is_client=False)
    assert caller(made_up) == Caller("192.0.2.1", is_client=False)
