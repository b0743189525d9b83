"""Security keys in a real Chromium, whose virtual authenticator plays the key."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.proofs import security_keys
from chatwork_admin.synchronization import gate
from tests.browser.conftest import OpenPage
from tests.browser.test_second_factor import begin_to_pause
from tests.browser.test_sessions import assert_fit, in_each_look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ANY = "[data-key-options]"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def plug_in(page: Page) -> tuple[CDPSession, str]:
    """Give the browser a key that answers at once; return how to reach it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    plugged = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, plugged["authenticatorId"]


def add_key(page: Page, name: str, password: str = "") -> None:
    page.wait_for_url("**/account/second-factor/key/")
    page.fill("[name=name]", name)
    if password:
        page.fill("[name=password]", password)
    page.press("[name=name]", "Tab")
    page.focus("#key-form [data-key-new]")
    page.keyboard.press("Enter")


def sign_in_by_key(page: Page, password: str) -> None:
    page.context.clear_cookies(name="session")
    page.goto("/sign-in/")
    assert_fit(page)
    page.fill("[name=username]", "alice@acme.test")
    page.fill("[name=password]", password)
    page.focus(ANY)
    page.keyboard.press("Enter")


@in_each_look
def test_a_key_is_added_used_at_the_door_and_to_confirm_and_removed(
    enabled_acme: Organization,
    alice: User,
    open_page: OpenPage,
    password: str,
    look: dict[str, Any],
) -> None:
    page = open_page(alice, **look)
    plug_in(page)
    begin_to_pause(page)
    set_up_a_first_key(page, password)
    page.click("#go-on-form button")
    page.wait_for_url("**/manage/sync/")
    assert gate.synchronization_of(enabled_acme).state == "paused"

    sign_in_by_key(page, password)
    page.wait_for_url("**/manage/")
    assert alice.sessions.latest("started_at").began == "password-and-key"

    UserSession.objects.update(authenticated_at=None)
    resume_with_a_key(page, password)
    assert gate.synchronization_of(enabled_acme).state == "on"

    remove_the_key(page)
    expect(page.locator(".messages")).to_be_visible()
    assert_fit(page)
    assert security_keys.of(alice).count() == 1  # it is the last factor


def set_up_a_first_key(page: Page, password: str) -> None:
    page.click("#step-up-form .primary")
    page.wait_for_url("**/account/second-factor/")
    assert_fit(page)
    page.click("a[href$='/second-factor/key/']")
    assert_fit(page)
    add_key(page, "青い鍵", password)
    expect(page.locator(".codes-list li")).to_have_count(10)
    assert_fit(page)
    page.click("#codes-kept")


def resume_with_a_key(page: Page, password: str) -> None:
    page.goto("/manage/sync/stop/")
    page.click("#resume-form button")
    page.wait_for_selector("#step-up-form")
    assert_fit(page)
    page.fill("[name=step-up-password]", password)
    page.click(ANY)
    page.wait_for_url("**/manage/sync/")


def remove_the_key(page: Page) -> None:
    page.goto("/account/second-factor/")
    assert_fit(page)
    page.click(".keys a")
    assert_fit(page)
    page.click("#remove-key-form button")
    page.wait_for_url("**/account/second-factor/")


def test_a_key_that_is_known_is_not_added_again_and_another_is(
    alice: User, open_page: OpenPage, password: str
) -> None:
    page = open_page(alice)
    devtools, plugged = plug_in(page)
    page.goto("/account/second-factor/key/")
    add_key(page, "blue", password)
    page.click("#codes-kept")

    page.click("#begin-key-form button")
    add_key(page, "blue again")
    expect(page.locator("[data-key-problem]")).to_be_visible()
    assert_fit(page)
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": plugged})
    plug_in(page)
    add_key(page, "red")
    page.wait_for_url("**/account/second-factor/")
    expect(page.locator(".keys li")).to_have_count(2)

    page.locator(".keys a").first.click()
    page.click("#remove-key-form button")
    page.wait_for_url("**/account/second-factor/")
    expect(page.locator(".keys li")).to_have_count(1)
    assert [key.name for key in security_keys.of(alice)] == ["red"]
    assert AuditEvent.objects.filter(action="second_factor.key_removed").count() == 1


def test_without_a_key_of_theirs_nobody_gets_in(
    alice: User, open_page: OpenPage, password: str
) -> None:
    page = open_page(alice)
    devtools, plugged = plug_in(page)
    page.goto("/account/second-factor/key/")
    add_key(page, "blue", password)
    page.click("#codes-kept")

    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": plugged})
    devtools.send("WebAuthn.disable")
    plug_in(page)
    sign_in_by_key(page, password)
    expect(page.locator("[data-key-problem]")).to_be_visible()
    assert_fit(page)
    page.press("[name=password]", "Enter")
    expect(page.locator(".banner.bad").first).to_be_visible()


def test_without_javascript_the_pages_say_what_does_instead(
    alice: User, open_page: OpenPage
) -> None:
    page = open_page(alice, javascript=False)

    page.goto("/account/second-factor/key/")
    expect(page.locator("[data-key-unknown]")).to_be_visible()
    expect(page.locator("[data-key-new]")).to_be_hidden()
    page.context.clear_cookies(name="session")
    page.goto("/sign-in/")
    expect(page.locator("[data-key-unknown]")).to_contain_text("take JavaScript")
    expect(page.locator(ANY)).to_be_hidden()
