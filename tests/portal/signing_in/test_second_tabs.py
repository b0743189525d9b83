"""A form of a tab from before signing in is told the truth: cookies are allowed."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from chatwork_admin.organizations.models import User

COOKIES = "Cookies must be allowed."


def form(client: Client, page: str) -> dict[str, str]:
    found = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(page).text
    )
    assert found is not None
    return {"csrfmiddlewaretoken": found[1]}


@pytest.mark.parametrize("door", ["/sign-in/", "/s/acme/"])
def test_the_second_tab_of_a_door_leads_on_once_one_has_signed_in(
    alice: User, password: str, door: str
) -> None:
    browser = Client(enforce_csrf_checks=True)
    proof = {"username": alice.user_name, "password": password}
    first, second = form(browser, door), form(browser, door)
    assert browser.post(door, first | proof).status_code == 302

    answer = browser.post(f"{door}?next=/manage/users/", second | proof)

    assert answer.status_code == 403
    assert "You have signed in since this page was opened" in answer.text
    assert COOKIES not in answer.text
    assert f'href="{door}?next=/manage/users/">Go on<' in answer.text
    assert browser.get(f"{door}?next=/manage/users/")["Location"] == "/manage/users/"


def test_whoever_sends_no_cookie_is_told_to_allow_them(alice: User) -> None:
    sent = {"username": alice.user_name, "password": "x"}

    assert COOKIES in Client(enforce_csrf_checks=True).post("/sign-in/", sent).text


def test_a_form_of_long_ago_is_only_expired(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    form(browser, "/sign-in/")

    answer = browser.post("/sign-in/", {"csrfmiddlewaretoken": "x" * 64})

    assert answer.status_code == 403
    assert "reload the page" in answer.text
    assert COOKIES not in answer.text
