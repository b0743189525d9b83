from __future__ import annotations

import pytest
from django.test import Client

URL = "/preferences/"


def test_the_language_is_remembered(client: Client, db: None) -> None:
    response = client.post(URL, {"language": "ja", "next": "/sign-in/"})

    assert response["Location"] == "/sign-in/"
    cookie = response.cookies["__Host-language"]
    assert cookie.value == "ja"
    assert cookie["max-age"] == 365 * 24 * 60 * 60
    assert cookie["samesite"] == "Lax"
    assert '<html lang="ja"' in client.get("/sign-in/").text


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_theme_is_written_by_the_server(
    client: Client, db: None, theme: str
) -> None:
    response = client.post(URL, {"theme": theme, "next": "/sign-in/"})

    assert response.cookies["__Host-theme"]["httponly"]
    assert f'data-theme="{theme}"' in client.get("/sign-in/").text


def test_an_unknown_theme_or_language_changes_nothing(client: Client, db: None) -> None:
    response = client.post(URL, {"theme": '"><script>', "language": "xx"})

    assert not response.cookies
    client.cookies["__Host-theme"] = '"><script>'
    assert 'data-theme="auto"' in client.get("/sign-in/").text


def test_next_leads_nowhere_else(client: Client, db: None) -> None:
    response = client.post(URL, {"theme": "dark", "next": "https://evil.test/"})

    assert "evil.test" not in response["Location"]


def test_preferences_are_not_a_link(client: Client) -> None:
    response = client.get(URL, headers={"Accept-Language": "ja"})

    assert response.status_code == 405
    assert "このページはリンクから開けません" in response.text
