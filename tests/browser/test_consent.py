"""Authorize, as Entra ID has it: from its portal to our page, and back with a code."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from chatwork_admin.organizations.models import Organization, User
from tests.authorization.gallery import BACK, Gallery
from tests.browser.conftest import OpenPage
from tests.browser.test_portal import is_wider_than_the_window, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PORTAL = "https://portal.azure.com/"


def asking(gallery: Gallery) -> str:
    """What Entra ID asked of one application of its gallery (B10): no response_type."""
    asked = {
        "client_id": gallery.client_id,
        "redirect_uri": BACK,
        "state": "a b+c&d=é",
    }
    return f"/oauth/authorize?{urlencode(asked)}"


def play_the_portal(page: Page) -> list[dict[str, str]]:
    """Answer for Entra's portal; return what browsers bring there."""
    brought: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        said = parse_qs(urlsplit(route.request.url).query)
        brought.append({name: values[0] for name, values in said.items()})
        route.fulfill(body="<h1>Entra ID</h1>", content_type="text/html")

    page.route(f"{PORTAL}**", answer)
    return brought


@pytest.mark.parametrize("script", ["with", "without"])
def test_a_connection_is_authorized_and_provisions(
    open_page: OpenPage,
    live_server: LiveServer,
    alice: User,
    gallery: Gallery,
    enabled_acme: Organization,
    script: str,
) -> None:
    page = open_page(alice, javascript=script == "with")
    brought = play_the_portal(page)
    page.goto(asking(gallery))
    page.click("#consent-form .primary")
    page.wait_for_url(f"{BACK}?**")

    [answer] = brought
    assert answer["state"] == "a b+c&d=é"
    with httpx.Client(base_url=live_server.url, trust_env=False) as entra:
        fields = {"grant_type": "authorization_code", "code": answer["code"]}
        fields |= gallery.body | {"redirect_uri": BACK}
        said = entra.post("/oauth/token", data=fields).json()
        bearer = {"Authorization": f"Bearer {said['access_token']}"}
        found = entra.get("/scim/v2/Users?count=1", headers=bearer)
    assert found.status_code == 200
    page.go_back()
    expect(page.locator("#consent-form")).to_be_visible()
    page.goto("/manage/sync/connection/")
    expect(page.locator("body")).to_contain_text("Microsoft Entra ID")


def test_cancelling_leads_back_without_a_code(
    open_page: OpenPage, alice: User, gallery: Gallery, enabled_acme: Organization
) -> None:
    page = open_page(alice)
    brought = play_the_portal(page)
    page.goto(asking(gallery))
    page.click("#consent-form button:not(.primary)")
    page.wait_for_url(f"{BACK}?**")

    assert brought[0]["error"] == "access_denied"
    assert "code" not in brought[0]


def test_the_sheet_prints_dark_on_light_whatever_the_theme(
    open_page: OpenPage, alice: User
) -> None:
    page = open_page(alice, theme="dark")
    page.goto("/manage/sync/connection/sheet/")
    expect(page.get_by_role("button", name="Print")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.locator(".sidebar")).to_be_hidden()
    scheme = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert scheme == "light"
    expect(page.locator("main")).to_contain_text("引き継ぎシート")


@pytest.mark.parametrize(
    "look",
    [
        ("light", 1280, "en"),
        ("dark", 375, "ja"),
        ("dark", 1280, "en"),
        ("light", 320, "en"),
        ("light", 320, "ja"),
    ],
)
def test_the_pages_have_no_barrier(
    open_page: OpenPage,
    alice: User,
    gallery: Gallery,
    enabled_acme: Organization,
    look: tuple[str, int, str],
) -> None:
    theme, width, language = look
    page = open_page(alice, theme=theme, width=width, language=language)
    asked = asking(gallery)
    for address in (
        asked,
        asked.replace("portal.azure.com", "evil.example"),
        asked.replace(gallery.client_id, "nobody"),
        f"{asked}&scope=admin",
        "/manage/sync/connection/sheet/",
    ):
        page.goto(address)
        assert not violations(page)
        assert not is_wider_than_the_window(page)
