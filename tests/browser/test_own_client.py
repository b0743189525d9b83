"""A client of the organization's own is authorized by the button of its provider."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from chatwork_admin.organizations.models import Organization, User
from tests.authorization.conftest import registered
from tests.browser.conftest import OpenPage
from tests.browser.test_portal import is_wider_than_the_window, violations
from tests.entra_id.authorization import Click, Registration
from tests.entra_id.client import ScimClient

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OKTA = "https://system-admin.okta.com/admin/app/cpc/chatwork_1/oauth/callback"


def led_back(page: Page) -> list[str]:
    """Answer for the provider; return the addresses that browsers are led to."""
    brought: list[str] = []

    def answer(route: Route) -> None:
        brought.append(route.request.url)
        route.fulfill(body="<h1>Okta</h1>", content_type="text/html")

    page.route("https://system-admin.okta.com/**", answer)
    return brought


@pytest.mark.parametrize("script", ["with", "without"])
def test_its_address_is_typed_in_it_is_authorized_and_provisions(
    open_page: OpenPage,
    live_server: LiveServer,
    alice: User,
    enabled_acme: Organization,
    script: str,
) -> None:
    own = registered(enabled_acme, "Okta")
    page = open_page(alice, javascript=script == "with")
    page.goto(f"/manage/sync/connection/clients/{own.client_id}/")
    page.get_by_label("Redirect addresses").fill(OKTA)
    page.get_by_label("The provider leaves response_type out").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Saved.")

    click = Click(
        Registration(
            authorization_endpoint=f"{live_server.url}/oauth/authorize",
            token_endpoint=f"{live_server.url}/oauth/token",
            client_id=own.client_id,
            client_secret=own.secret,
            redirect_uri=OKTA,
        )
    )
    brought = led_back(page)
    page.goto(click.address)
    assert "response_type" not in parse_qs(urlsplit(click.address).query)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Okta asks to manage")
    expect(page.locator("main")).to_contain_text("led to system-admin.okta.com")
    page.click("#consent-form .primary")
    page.wait_for_url(f"{OKTA}?**")

    known = click.registration.client(click.redeem(brought[0]))
    with ScimClient(f"{live_server.url}/scim/v2", known) as client:
        assert client.find("Users", 'userName eq "nobody@acme.test"') == []
    page.goto("/manage/sync/connection/")
    expect(page.locator("main")).to_contain_text("Okta")


@pytest.mark.parametrize("look", [("light", 1280, "en"), ("dark", 375, "ja")])
def test_its_page_has_no_barrier(
    open_page: OpenPage,
    alice: User,
    enabled_acme: Organization,
    look: tuple[str, int, str],
) -> None:
    theme, width, language = look
    page = open_page(alice, theme=theme, width=width, language=language)
    own = registered(enabled_acme, "Okta")
    page.goto(f"/manage/sync/connection/clients/{own.client_id}/")
    page.locator("#code-flow-form summary").click()
    assert not violations(page)
    page.locator("#code-flow-form textarea").fill("http://x#y")
    page.locator("#code-flow-form button").click()
    expect(page.locator("#code-flow-form .error")).to_be_visible()
    assert not violations(page)
    assert not is_wider_than_the_window(page)
