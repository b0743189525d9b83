"""The administrator sets up SAML with nothing but the keyboard, from nothing to required.

With SCREENSHOTS in the environment, a picture of each state is left in that folder, and
with FILM a film of the whole walk (`make film`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso import service_provider
from saml_sso.identity_providers import break_glass
from saml_sso.models import IdentityProvider
from saml_sso.sign_in import testing
from tests.browser.conftest import OpenPage
from tests.browser.film import Film
from tests.browser.test_portal import is_wider_than_the_window, violations
from tests.conftest import actor_for
from tests.entra_id.directory import Directory
from tests.entra_id.federation_metadata import federation_metadata
from tests.entra_id.sign_on.applications import application_from_metadata
from tests.entra_id.sign_on.serving import serving
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.saml_sso.signing_in import (
    Visitor,
    asked_by,
    entra_of,
    entry_of,
    signer_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_TABS = 150
PAGE = "/manage/security/login/"
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"


@pytest.fixture
def tenant(plain_http: None, acme: Organization, alice: User) -> Tenant:
    """Acme's Entra ID, to which the values of step 1 were copied."""
    tenant = Tenant(signer_of("acme"), Directory.of([entry_of(alice)], []))
    tenant.register(application_from_metadata(service_provider.metadata(acme)))
    return tenant


@pytest.fixture
def address(tenant: Tenant) -> Iterator[str]:
    with serving(Site(tenant)) as served:
        yield f"{served}/{signer_of('acme').tenant_id}/saml2"


@pytest.fixture
def film() -> Iterator[Film]:
    film = Film()
    yield film
    film.close()


class Keyboard:
    """Somebody without a mouse."""

    def __init__(self, page: Page, film: Film) -> None:
        self.page = page
        self.film = film

    def go_to(self, wanted: Locator) -> None:
        """Press Tab until it has the focus."""
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"cannot be reached with Tab: {wanted}")

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        self.go_to(wanted)
        self.film.take(self.page, "focus")
        self.page.keyboard.press(key)
        self.film.take(self.page, key)

    def type(self, wanted: Locator, text: str) -> None:
        self.go_to(wanted)
        self.page.keyboard.type(text)
        self.film.take(self.page, "typed")

    def paste(self, wanted: Locator, text: str) -> None:
        """As after copying it elsewhere."""
        self.go_to(wanted)
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.press(wanted, "Control+v")

    def follow(self, name: str) -> None:
        self.press(self.page.get_by_role("link", name=name).first)

    def push(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name).first)


def photograph(page: Page, name: str, heading: str = "SAML login settings") -> None:
    expect(page.locator("h1")).to_have_text(heading)
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"setup-{name}.png", full_page=True)


def sign_in_with_password(keyboard: Keyboard, password: str) -> None:
    page = keyboard.page
    page.goto("/sign-in/")
    keyboard.type(page.locator("[name=username]"), "alice@acme.test")
    keyboard.type(page.locator("[name=password]"), password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/manage/")


def save_metadata(keyboard: Keyboard, address: str) -> None:
    page = keyboard.page
    xml = federation_metadata(signer_of("acme"), with_byte_order_mark=False).decode()
    keyboard.paste(page.locator("[name=metadata_xml]"), xml)
    keyboard.press(page.locator("#saml-metadata-form button"))
    photograph(page, "2-preview", "Check the SAML login settings")
    keyboard.push("Save")
    expect(page.get_by_role("status")).to_contain_text("settings are saved")
    # The stand-in is served over plain HTTP, which no form accepts.
    IdentityProvider.objects.update(single_sign_on_url=address, single_logout_url="")


def choose_oneself(keyboard: Keyboard) -> None:
    """Say at the identity provider who one is."""
    keyboard.type(keyboard.page.locator("#user"), "alice")
    keyboard.press(keyboard.page.locator("#continue"))


def try_the_sign_in(keyboard: Keyboard) -> None:
    page = keyboard.page
    with page.context.expect_page() as opened:
        keyboard.press(page.locator("#start-test"))
    other = Keyboard(opened.value, keyboard.film)
    choose_oneself(other)
    expect(other.page.get_by_role("status")).to_contain_text("The test has passed.")
    photograph(other.page, "4-test-result", "Test sign-in")
    other.page.close()
    keyboard.follow("Login (SAML)")


def switch(keyboard: Keyboard, mode: str, button: str) -> None:
    keyboard.press(keyboard.page.locator(f"#choose-{mode}"))
    photograph(keyboard.page, f"{mode}-asked", button)
    keyboard.push(button)
    expect(keyboard.page.get_by_role("status")).to_contain_text(f"is {mode}.")


def sign_out(keyboard: Keyboard) -> None:
    keyboard.push("Sign out")
    keyboard.page.wait_for_url("**/s/acme/")


def come_in_with_entra(keyboard: Keyboard) -> None:
    page = keyboard.page
    sign_out(keyboard)
    page.goto("/s/acme/")
    keyboard.press(page.locator("#saml-sign-in"))  # Entra still knows who it is
    page.wait_for_url("**/manage/")


def take_codes(keyboard: Keyboard) -> list[str]:
    page = keyboard.page
    page.goto(PAGE)
    keyboard.follow("Issue emergency codes")
    keyboard.push("Issue ten codes")
    shown = page.locator(".codes-list code")
    expect(shown).to_have_count(10)
    photograph(page, "6-codes", "Emergency codes")
    codes = shown.all_inner_texts()
    with page.expect_download() as download:
        keyboard.push("Download as a text file")
    assert codes[0] in download.value.path().read_text("utf-8")
    return codes


def come_in_around_saml(keyboard: Keyboard, password: str, code: str) -> None:
    page = keyboard.page
    sign_out(keyboard)
    page.goto("/s/acme/?sso_skip=1")
    keyboard.type(page.locator("[name=username]"), "alice@acme.test")
    keyboard.type(page.locator("[name=password]"), password)
    keyboard.type(page.locator("[name=code]"), code)
    photograph(page, "7-emergency-access", "Sign-in without SAML")
    page.keyboard.press("Enter")
    page.wait_for_url("**/manage/")


def test_from_nothing_to_required_by_keyboard_only(
    open_page: OpenPage,
    film: Film,
    address: str,
    password: str,
    bob: User,
    carol: User,
) -> None:
    keyboard = Keyboard(open_page(), film)
    page = keyboard.page
    sign_in_with_password(keyboard, password)
    keyboard.follow("Login (SAML)")
    photograph(page, "1-nothing")
    save_metadata(keyboard, address)
    photograph(page, "3-draft")
    try_the_sign_in(keyboard)
    photograph(page, "5-tested")
    switch(keyboard, "optional", "Make SAML sign-in optional")
    come_in_with_entra(keyboard)
    codes = take_codes(keyboard)
    come_in_around_saml(keyboard, password, codes[0])
    page.goto(PAGE)
    photograph(page, "8-optional")
    switch(keyboard, "required", "Require SAML sign-in")
    photograph(page, "9-required")

    provider = IdentityProvider.objects.get()
    assert (provider.mode, provider.is_tested) == ("required", True)
    used = AuditEvent.objects.get(action="login.bypass_used")
    assert used.context["rehearsal"]


STATES: tuple[dict[str, object], ...] = (
    {"mode": "off", "tested_version": None},
    {"mode": "off", "tested_version": 1},
    {"mode": "optional", "tested_version": 1},
    {"mode": "required", "tested_version": 0, "bypass_proven_at": timezone.now()},
)


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ja")])
def test_no_state_has_a_barrier_or_scrolls_sideways(
    open_page: OpenPage,
    acme: Organization,
    alice: User,
    bob: User,
    theme: str,
    language: str,
) -> None:
    page = open_page(alice, theme=theme, language=language, width=375)
    page.goto(PAGE)
    assert not violations(page)
    entra = entra_of(acme)
    test = asked_by(testing.start(acme, administrator=alice, next_path=PAGE))
    Visitor(entra).answer(test, bob, audience="https://other.test/")
    break_glass.issue(acme, seen=None, actor=actor_for(alice))
    same_in_each = ("test/?code=50105", "sign-ins/", "codes/")
    for state in STATES:
        IdentityProvider.objects.update(**state)
        for address in ("", "required/", *(same_in_each if state == STATES[0] else ())):
            page.goto(PAGE + address)
            page.evaluate(OPEN_ALL)
            assert not violations(page), f"{address} {state}"
            assert not is_wider_than_the_window(page), f"{address} {state}"
    page.goto(PAGE + "codes/")
    page.click("#saml-codes-form button")
    assert not violations(page)
    page.goto("/s/acme/?sso_skip=1")
    assert not violations(page)
