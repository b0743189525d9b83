from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from chatwork_admin.organizations.models import User
from chatwork_admin.portal.help.error_codes import ERROR_CODES
from chatwork_admin.portal.tasks import clear_sessions
from chatwork_admin.portal.views.errors import bad_request, server_error
from tests.conftest import signed_in

CODES = "/help/errors/"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_code_is_explained_to_everybody(client: Client, language: str) -> None:
    page = client.get(CODES, headers={"Accept-Language": language}).text

    for each in ERROR_CODES:
        assert f'id="{each.code}"' in page
    assert ("Who must act" in page) == (language == "en")
    assert ("対応する側" in page) == (language == "ja")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_sizes_and_versions_are_explained_too(client: Client, language: str) -> None:
    page = client.get(CODES, headers={"Accept-Language": language}).text

    said = {"en": "For 413, send less", "ja": "413 の場合は、1 回の要求で送る量を"}
    assert said[language] in page


def test_who_is_signed_in_keeps_the_menu_on_the_help_page(
    client: Client, as_alice: Client
) -> None:
    assert 'class="sidebar"' not in client.get(CODES).text

    page = as_alice.get(CODES).text

    assert 'class="sidebar"' in page
    assert "Acme" in page
    assert page.count("<h1>") == page.count("<main") == 1


def test_a_member_sees_the_help_page_without_the_menu(
    client: Client, bob: User
) -> None:
    signed_in(bob, client)

    assert 'class="sidebar"' not in client.get(CODES).text


@pytest.mark.parametrize("code", ["USER-1", "CW-USER-1", "cw-user-1"])
def test_a_code_has_an_address_of_its_own(client: Client, code: str) -> None:
    assert client.get(f"{CODES}{code}/")["Location"] == f"{CODES}#CW-USER-1"


def test_an_unknown_code_is_not_found(client: Client) -> None:
    assert client.get(f"{CODES}CW-NONE-1/").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "There is no such page"), ("ja", "ページが見つかりません")],
)
def test_a_missing_page_says_so(client: Client, language: str, words: str) -> None:
    response = client.get("/nowhere/", headers={"Accept-Language": language})

    assert response.status_code == 404
    assert words in response.text


def test_our_own_error_names_the_reference() -> None:
    request = RequestFactory().get("/")
    request.META["request_reference"] = "7F3C-21KQ-P8WD"

    response = server_error(request)

    assert response.status_code == 500
    assert "7F3C-21KQ-P8WD" in response.text
    assert bad_request(request, ValueError()).status_code == 400


def test_sessions_that_have_expired_are_cleared(db: None) -> None:
    clear_sessions()
