"""Support staff set up an app, and sign in with it, in a real Chromium."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.authorization.models import Grant, OAuthClient
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.support.models import StaffMember, StaffSecondFactor
from chatwork_admin.support.proving import PROVEN
from chatwork_admin.support.staff import create_staff_member
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.models import UserSynchronization
from tests.browser.conftest import OpenPage
from tests.browser.test_portal import addresses, cut_off, is_wider_than_the_window
from tests.browser.test_security_keys import plug_in
from tests.browser.test_sessions import assert_fit, in_each_look
from tests.organizations.proofs.test_second_factor import code_of
from tests.support.conftest import STAFF_PASSWORD

__all__ = ["addresses"]
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
    key = set_up_an_app(page)
    page.goto("/support/password_change/")
    assert_fit(page)
    page.goto("/support/second-factor/")
    add_a_key(page)
    page.click("#logout-form button")
    enter_by_key(page)
    StaffSecondFactor.objects.update(last_step=0)  # as after a minute

    enter(page, "000000")
    assert_fit(page)
    enter(page, code_of(key))
    page.wait_for_url("**/support/")


@in_each_look
def test_an_operator_proves_by_a_key_who_they_are_before_an_intervention(
    open_page: OpenPage, enabled_acme: Organization, look: dict[str, Any]
) -> None:
    create_staff_member(
        email="olga@support.test",
        name="Olga",
        role=StaffMember.Role.OPERATOR,
        password=STAFF_PASSWORD,
    )
    page = open_page(**look)
    enter(page)
    plug_in(page)
    page.goto("/support/second-factor/key/")
    page.fill("[name=name]", "blue")
    page.fill("[name=password]", STAFF_PASSWORD)
    page.click("[data-key-new]")
    page.click("#codes-kept")
    forget_proofs()

    page.goto("/support/organizations/organization/")
    page.check("[name=_selected_action]")
    page.select_option("[name=action]", "pause")
    page.click("[name=index]")
    assert_fit(page)
    page.fill("[name=reason]", "a runaway job")
    page.fill("[name=password]", STAFF_PASSWORD)
    page.click("[data-key-options]")
    page.wait_for_selector(".messagelist")
    assert gate.synchronization_of(enabled_acme).state == "paused"


BROKEN = """all => all.filter(e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return new Set([...range.getClientRects()].map(each => each.top)).size > 1;
}).map(e => e.textContent)"""


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_day_and_no_time_is_broken_in_a_list(
    open_page: OpenPage, addresses: list[str], language: str
) -> None:
    now = timezone.now()
    User.objects.update(linked_at=now, external_id=UUID(int=1), last_login=now)
    Grant.objects.update(last_used_at=now, hand_over_by=now)
    UserSynchronization.objects.update(last_contact_at=now)
    client = OAuthClient.objects.get()
    tokens.issue(client.organization, name="a", expires_at=None, actor=SYSTEM)
    create_staff_member(
        email="olga@support.test",
        name="Olga",
        role=StaffMember.Role.VIEWER,
        password=STAFF_PASSWORD,
    )
    page = open_page(language=language, width=1024)
    enter(page)
    for address in (
        "organizations/organization/",
        f"organizations/organization/{client.organization_id}/change/",
        "organizations/user/",
        "authorization/accesstoken/",
        "authorization/grant/",
        "authorization/oauthclient/",
        f"authorization/oauthclient/{client.pk}/change/",
        "audit/auditevent/",
    ):
        page.goto(f"/support/{address}")
        times = page.locator("time span")
        assert times.count() > 0, address
        assert times.evaluate_all(BROKEN) == []
        assert not is_wider_than_the_window(page), address
        if language == "en" and address != "organizations/user/":
            assert cut_off(page, "#changelist .results") == [], address


def set_up_an_app(page: Page) -> str:
    """Return the app's key."""
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
    return key


def add_a_key(page: Page) -> None:
    plug_in(page)
    page.click("#add-key")
    assert_fit(page)
    page.fill("[name=name]", "青い鍵")
    page.focus("[data-key-new]")
    page.keyboard.press("Enter")
    expect(page.locator(".keys li")).to_have_count(1)
    assert_fit(page)


def enter_by_key(page: Page) -> None:
    """Come in, prove it again, renew the recovery codes, and leave."""
    page.goto("/support/")
    page.fill("[name=username]", "olga@support.test")
    page.fill("[name=password]", STAFF_PASSWORD)
    page.click("[data-key-options]")
    page.wait_for_selector("#logout-form")
    forget_proofs()
    page.goto("/support/second-factor/")
    assert_fit(page)
    page.fill("[name=password]", STAFF_PASSWORD)
    page.click("[data-key-options]")
    page.click("#codes-form [type=submit]")
    expect(page.locator(".codes li")).to_have_count(10)
    page.click("#codes-kept")
    page.click("#logout-form button")


def forget_proofs() -> None:
    """As after eleven minutes."""
    for row in Session.objects.all():
        held = row.get_decoded()
        held.pop(PROVEN, None)
        row.session_data = Session.objects.encode(held)
        row.save()
