"""Sessions and proofs in a real Chromium: in both languages and themes, wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.synchronization import gate
from tests.browser.conftest import OpenPage
from tests.browser.test_portal import is_wider_than_the_window, violations
from tests.conftest import signed_in
from tests.organizations.proofs.test_second_factor import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

in_each_look = pytest.mark.parametrize(
    "look",
    [
        {"language": "en", "theme": "light", "width": 1280},
        {"language": "ja", "theme": "dark", "width": 375},
    ],
    ids=["english", "japanese"],
)


def assert_fit(page: Page) -> None:
    assert violations(page) == []
    assert not is_wider_than_the_window(page)


@in_each_look
def test_an_app_is_set_up_and_then_asked_for(
    enabled_acme: Organization,
    alice: User,
    open_page: OpenPage,
    password: str,
    look: dict[str, Any],
) -> None:
    page = open_page(alice, **look)
    page.goto("/account/second-factor/")
    page.click("#begin-form button")
    key = page.inner_text("#app-key")
    assert page.locator("img.qr-code").evaluate("image => image.naturalWidth") > 100
    assert_fit(page)
    page.fill("[name=code]", code_of(key))
    page.fill("[name=password]", password)
    page.click("#app-form button")
    page.wait_for_selector(".messages")
    assert_fit(page)
    UserSession.objects.update(authenticated_at=None)

    page.goto("/manage/sync/stop/")
    page.fill("[name=reason] >> nth=0", "audit")
    page.click("#pause-form button")
    assert_fit(page)
    page.fill("[name=step-up-password]", password)
    page.fill("[name=step-up-code]", code_of(key, steps=1))
    page.click("#step-up-form .primary")

    page.wait_for_url("**/manage/sync/")
    assert gate.synchronization_of(enabled_acme).state == "paused"


@in_each_look
def test_a_person_signs_out_elsewhere(
    alice: User, open_page: OpenPage, look: dict[str, Any]
) -> None:
    elsewhere = signed_in(alice)
    page = open_page(alice, **look)
    page.goto("/account/sessions/")
    assert_fit(page)
    page.click("button.danger")
    page.wait_for_selector(".messages")

    assert elsewhere.get("/manage/").status_code == 302
    assert page.locator("tbody tr").count() == 1
