"""Support staff set up an app, and sign in with it, in a real Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatwork_admin.support.models import StaffMember, StaffSecondFactor
from chatwork_admin.support.staff import create_staff_member
from tests.browser.conftest import OpenPage
from tests.browser.test_sessions import assert_fit, in_each_look
from tests.organizations.test_second_factor import code_of
from tests.support.conftest import STAFF_PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(page: Page, code: str = "") -> None:
    page.goto("/support/")
    page.fill("[name=username]", "olga@support.test")
    page.fill("[name=password]", STAFF_PASSWORD)
    page.fill("[name=code]", code)
    assert_fit(page)
    page.press("[name=code]", "Enter")


@in_each_look
def test_an_app_is_set_up_at_the_first_sign_in_and_asked_for_at_the_next(
    open_page: OpenPage, settings: Any, look: dict[str, Any]
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    create_staff_member(
        email="olga@support.test",
        name="Olga",
        role=StaffMember.Role.VIEWER,
        password=STAFF_PASSWORD,
    )
    page = open_page(**look)
    enter(page)
    assert_fit(page)
    page.click("#begin-form [type=submit]")
    key = page.inner_text("#app-key")
    assert_fit(page)
    page.fill("[name=code]", "000000")
    page.fill("[name=password]", STAFF_PASSWORD)
    page.press("[name=code]", "Enter")
    assert_fit(page)
    page.fill("[name=code]", code_of(key))
    page.fill("[name=password]", STAFF_PASSWORD)
    page.press("[name=code]", "Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    assert_fit(page)
    page.click("#codes-kept")
    page.wait_for_url("**/support/")
    page.click("#logout-form button")
    StaffSecondFactor.objects.update(last_step=0)  # as after a minute

    enter(page, "000000")
    assert_fit(page)
    enter(page, code_of(key))
    page.wait_for_url("**/support/")
