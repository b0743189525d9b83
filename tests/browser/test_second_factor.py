"""Where a second factor is required, as in production: the whole walk in a real Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.synchronization import gate
from tests.browser.conftest import OpenPage
from tests.browser.test_sessions import assert_fit, in_each_look
from tests.organizations.proofs.test_second_factor import code_of, forget_codes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def begin_to_pause(page: Page) -> None:
    page.goto("/manage/sync/stop/")
    page.fill("[name=reason] >> nth=0", "audit")
    page.click("#pause-form button")
    page.wait_for_selector("#step-up-form")


def prove(page: Page, password: str, code: str) -> None:
    page.fill("[name=step-up-password]", password)
    page.fill("[name=step-up-code]", code)
    page.click("#step-up-form .primary")
    page.wait_for_url("**/manage/sync/")


def sign_in_again(page: Page, password: str, code: str) -> None:
    page.context.clear_cookies(name="session")
    page.goto("/sign-in/")
    page.fill("[name=username]", "alice@acme.test")
    page.fill("[name=password]", password)
    page.fill("[name=code]", code)
    page.press("[name=code]", "Enter")
    page.wait_for_url("**/manage/")


def set_up_an_app(page: Page, password: str) -> tuple[str, list[str]]:
    """Return the key of the app, and the recovery codes."""
    page.click("#begin-form button")
    key = page.inner_text("#app-key")
    page.fill("[name=code]", code_of(key))
    page.fill("[name=password]", password)
    page.click("#app-form button")
    page.wait_for_selector(".codes-list")
    return key, page.locator(".codes-list code").all_inner_texts()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_password_alone_changes_nothing_that_matters_until_an_app_is_set_up(
    enabled_acme: Organization,
    alice: User,
    open_page: OpenPage,
    password: str,
    *,
    javascript: bool,
) -> None:
    page = open_page(alice, javascript=javascript)
    begin_to_pause(page)
    assert not page.locator("[name=step-up-password]").count()
    page.click("#step-up-form .primary")
    page.wait_for_url("**/account/second-factor/")

    key, _ = set_up_an_app(page, password)
    assert gate.synchronization_of(enabled_acme).state == "on"
    page.click("#codes-kept")
    page.wait_for_url("**/account/step-up/")
    page.click("#go-on-form button")
    page.wait_for_url("**/manage/sync/")
    assert gate.synchronization_of(enabled_acme).state == "paused"

    # A sign-in with a code is proof enough.
    forget_codes(alice)
    sign_in_again(page, password, code_of(key))
    page.goto("/manage/sync/stop/")
    page.click("#resume-form button")
    page.wait_for_url("**/manage/sync/")
    assert gate.synchronization_of(enabled_acme).state == "on"


@in_each_look
def test_whoever_has_lost_the_app_goes_on_with_recovery_codes(
    enabled_acme: Organization,
    alice: User,
    open_page: OpenPage,
    password: str,
    look: dict[str, Any],
) -> None:
    page = open_page(alice, **look)
    begin_to_pause(page)
    assert_fit(page)
    page.click("#step-up-form .primary")
    _, codes = set_up_an_app(page, password)
    assert_fit(page)
    assert len(set(codes)) == 10
    page.click("#codes-kept")
    page.wait_for_url("**/account/step-up/")
    assert_fit(page)

    sign_in_again(page, password, codes[0])
    UserSession.objects.update(authenticated_at=None)
    begin_to_pause(page)
    assert_fit(page)
    prove(page, password, codes[1].lower())
    assert gate.synchronization_of(enabled_acme).state == "paused"

    page.goto("/account/second-factor/")
    assert "8" in page.inner_text("#recovery-heading + p")
    assert_fit(page)
    page.click("#recovery-codes-form button")
    page.wait_for_selector(".codes-list")
    assert not {*codes} & {*page.locator(".codes-list code").all_inner_texts()}
    used = AuditEvent.objects.filter(action="second_factor.recovery_code_used")
    assert used.count() == 2
