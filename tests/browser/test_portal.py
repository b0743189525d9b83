from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import axe_core_python
import pytest
from django.utils import timezone
from playwright.sync_api import Error, Page, expect

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization.models import OAuthClient, WorkloadIdentity
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate, health, provisioning, recycling
from chatwork_admin.synchronization.failures import count_refusal
from chatwork_admin.synchronization.models import NoticeAcceptance
from saml_sso.models import IdentityProvider
from tests.authorization.conftest import granted, registered
from tests.authorization.workloads import trusted
from tests.browser.conftest import OpenPage
from tests.conftest import actor_for
from tests.portal.people.test_people import provisioned, team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Path(axe_core_python.__file__).with_name("axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What passes is not told, and nothing is fetched for rules that are not among these:
# either takes longer than the rules themselves.
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
# Evaluated, not added as a <script>: the pages' policy forbids the latter.
CHECKS = f"""async () => {{
    {AXE};
    return (await axe.run(document, {json.dumps(OPTIONS)})).violations;
}}"""
WIDTHS = (1280, 1024, 375, 320)
PAGES = (
    "/manage/",
    "/manage/sync/",
    "/manage/sync/connection/",
    "/manage/sync/connection/sheet/",
    "/manage/sync/stop/",
    "/manage/security/login/",
    "/manage/security/login/remove/",
    "/manage/security/login/test/",
    "/manage/security/login/optional/",
    "/manage/security/login/required/",
    "/manage/security/login/sign-ins/",
    "/manage/security/login/matches/",
    "/manage/security/login/versions/",
    "/manage/security/login/codes/",
    "/manage/users/",
    "/manage/users/?tab=pre-login",
    "/manage/users/?tab=recycle-bin",
    "/manage/teams/",
    "/manage/audit/",
    "/account/sessions/",
    "/account/password/",
    "/account/second-factor/",
    "/help/errors/",
    "/nowhere/",
)


def violations(page: Page) -> list[str]:
    page.wait_for_load_state()
    try:
        found = page.evaluate(CHECKS)
    except Error:  # the answer to a form took the page's place meanwhile
        page.wait_for_load_state()
        found = page.evaluate(CHECKS)
    return [
        f"{each['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for each in found
        for node in each["nodes"]
    ]


def is_wider_than_the_window(page: Page) -> bool:
    return bool(
        page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    )


HIDDEN = """all => all.filter(e => {
    const box = e.getBoundingClientRect();
    if (!box.width || e.closest(".visually-hidden, .skip-link")) return false;
    for (let each = e.parentElement; each !== document.body; each = each.parentElement) {
        const edge = each.getBoundingClientRect();
        const isCut = box.right > edge.right + 1 || box.left < edge.left - 1;
        if (isCut && getComputedStyle(each).overflowX !== "visible") return true;
    }
}).map(e => e.outerHTML.slice(0, 120))"""


def hidden_beyond_an_edge(page: Page) -> list[str]:
    """Return what is clicked, or says a state, but is clipped by what it stands in."""
    said = "a, button, input, select, textarea, summary, .badge"
    found: list[str] = page.eval_on_selector_all(said, HIDDEN)
    return found


def cut_off(page: Page, selector: str) -> list[str]:
    """Return what does not fit its own box."""
    found: list[str] = page.eval_on_selector_all(
        selector,
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)"
        ".map(e => e.outerHTML.slice(0, 120))",
    )
    return found


@pytest.fixture
def addresses(enabled_acme: Organization, bob: User) -> list[str]:
    """Every page, with people, teams, tokens and events to show."""
    person = provisioned(enabled_acme, "tanaka", title="主任")
    gone, erased = (provisioned(enabled_acme, each) for each in ("gone", "erased"))
    group = team(enabled_acme, "営業部", person, gone)
    for each in (gone, erased):
        provisioning.deprovision_user(enabled_acme, each.pk, actor=SYSTEM)
    recycling.erase_user(enabled_acme, erased.pk, actor=SYSTEM)
    granted(enabled_acme)
    client = registered(enabled_acme).row
    OAuthClient.objects.update(name="Client" * 16)
    identity = trusted(client).row
    WorkloadIdentity.objects.update(last_used_at=timezone.now())
    of_client = f"/manage/sync/connection/clients/{client.pk}/"
    return [
        *PAGES,
        of_client,
        f"{of_client}remove/",
        f"{of_client}federation/",
        f"{of_client}federation/{identity.pk}/remove/",
        f"{of_client}secrets/{client.secrets.get().pk}/revoke/",
        f"/manage/users/{person.pk}/",
        f"/manage/users/{gone.pk}/",
        f"/manage/users/{gone.pk}/restore/",
        f"/manage/users/{gone.pk}/erase/",
        f"/manage/users/{erased.pk}/",
        f"/manage/users/{bob.pk}/transfer/",
        f"/manage/teams/{group.pk}/",
    ]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ja", "dark")])
def test_no_page_has_a_barrier_or_hides_anything_beyond_an_edge(
    open_page: OpenPage, alice: User, addresses: list[str], language: str, theme: str
) -> None:
    page = open_page(alice, language=language, theme=theme)
    for address in addresses:
        page.set_viewport_size({"width": WIDTHS[0], "height": 800})
        page.goto(address)
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        assert not violations(page), address
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert not is_wider_than_the_window(page), f"{address} at {width}"
            assert not hidden_beyond_an_edge(page), f"{address} at {width}"
            assert not cut_off(page, "p, li, dd, .badge"), f"{address} at {width}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_setup_page_and_the_doors_have_no_barrier(
    open_page: OpenPage, mallory: User, theme: str
) -> None:
    page = open_page(theme=theme)
    for address in ("/sign-in/", "/s/globex/"):
        page.goto(address)
        assert not violations(page), address
    page = open_page(mallory, theme=theme, javascript=True)
    page.goto("/manage/sync/")
    page.locator("[name=accepted]").first.check()
    assert not violations(page)


@pytest.mark.parametrize("state", ["paused", "notes-changed", "healthy", "failing"])
def test_no_state_has_a_barrier(
    open_page: OpenPage, alice: User, enabled_acme: Organization, state: str
) -> None:
    if state == "paused":
        gate.pause(enabled_acme, actor=actor_for(alice), reason="audit")
    if state == "notes-changed":
        NoticeAcceptance.objects.update(text_version=0)
    if state in {"healthy", "failing"}:
        health.note_contact(gate.synchronization_of(enabled_acme))
    if state == "failing":
        count_refusal(enabled_acme, "CW-USER-3")
    page = open_page(alice, theme="dark", language="ja")
    page.goto("/manage/sync/")

    assert not violations(page)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_figures_and_long_names_fit_the_smallest_phone(
    open_page: OpenPage, alice: User, enabled_acme: Organization, language: str
) -> None:
    long = "LongNameWithoutAnySpace" * 4
    Organization.objects.filter(pk=enabled_acme.pk).update(name=long)
    User.objects.filter(pk=alice.pk).update(display_name=long[:70])
    person = provisioned(enabled_acme, "tanaka", displayName=long)
    health.note_contact(gate.synchronization_of(enabled_acme), is_connection_test=True)
    count_refusal(enabled_acme, "CW-USER-3")
    page = open_page(alice, width=320, language=language)
    addresses = ["/manage/", "/manage/sync/", "/manage/audit/", "/help/errors/"]
    for address in [*addresses, "/manage/users/", f"/manage/users/{person.pk}/"]:
        page.goto(address)
        assert not is_wider_than_the_window(page), address
        assert not cut_off(
            page, ".figures dd, .reasons li, .tabs ul, .organization, h1"
        ), address
    gate.pause(
        enabled_acme,
        actor=replace(actor_for(alice), label=f"{long} (Chatwork support)"),
        reason=long,
    )
    page.goto("/manage/sync/")
    assert not is_wider_than_the_window(page)
    assert not cut_off(page, "#paused-banner")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_tablet_shows_the_name_of_the_organization(
    open_page: OpenPage, alice: User, language: str
) -> None:
    page = open_page(alice, language=language)
    page.goto("/manage/")
    name = page.locator(".organization strong")
    for width in (780, 820, 950):
        page.set_viewport_size({"width": width, "height": 800})

        expect(name).to_contain_text("Acme 株式会社")
        shown = name.evaluate("element => element.getBoundingClientRect().width")
        assert shown >= 80, width
        assert not cut_off(page, ".organization strong, .person span"), width
        assert not is_wider_than_the_window(page), width


def test_only_the_list_of_notes_is_a_box(open_page: OpenPage, mallory: User) -> None:
    page = open_page(mallory)
    page.goto("/manage/sync/")
    border = "element => getComputedStyle(element).borderTopWidth"

    assert page.locator("ol.notes").evaluate(border) == "1px"
    assert page.locator(".checks li.notes").evaluate(border) == "0px"


def test_enabling_needs_nothing_but_the_keyboard(
    open_page: OpenPage,
    alice: User,
    acme: Organization,
    tested_idp: IdentityProvider,
) -> None:
    page = open_page(alice)
    page.goto("/manage/sync/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    for number in range(1, 10):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.locator("output[data-counter]")).to_have_text(f"{number} / 9")
    button = page.get_by_role("button", name="Enable user synchronization")
    while not button.evaluate("element => element === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#enabled-banner")).to_contain_text(
        "User synchronization is enabled."
    )
    assert gate.synchronization_of(acme).state == "on"


def test_the_button_waits_for_all_notes(open_page: OpenPage, alice: User) -> None:
    page = open_page(alice)
    page.goto("/manage/sync/")
    button = page.locator("#enable-button")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("[data-left]")).to_have_text("9 of 9 notes still to confirm")

    button.click(force=True)

    expect(page.locator("[name=accepted]").first).to_be_focused()
    for box in page.locator("[name=accepted]").all()[:8]:
        box.check()
    expect(page.locator("[data-left]")).to_have_text("1 of 9 notes still to confirm")
    page.locator("[name=accepted]").last.check()
    expect(button).to_have_attribute("aria-disabled", "false")


def test_everything_works_without_javascript(
    open_page: OpenPage, alice: User, acme: Organization, tested_idp: IdentityProvider
) -> None:
    page = open_page(alice, javascript=False)
    page.goto("/manage/sync/")
    for box in page.locator("[name=accepted]").all()[:6]:
        box.check()
    page.click("#enable-button")
    expect(page.get_by_role("alert")).to_contain_text("7, 8 and 9 are not confirmed")
    assert page.locator("[name=accepted]:checked").count() == 6

    for box in page.locator("[name=accepted]").all():
        box.check()
    page.click("#enable-button")
    expect(page.locator("#enabled-banner")).to_be_visible()

    page.goto("/manage/sync/connection/")
    page.fill("[name=name]", "Entra ID")
    page.click("#issue-token-form button")
    expect(page.locator("#issued-token")).to_contain_text("scim_")
    assert page.locator("button.copy:visible").count() == 0


def test_a_token_is_copied_with_one_click(
    open_page: OpenPage, alice: User, acme: Organization
) -> None:
    page = open_page(alice)
    page.goto("/manage/sync/connection/")
    page.fill("[name=name]", "Entra ID")
    page.click("#issue-token-form button")

    page.locator("[data-copy=issued-token]").click()

    expect(page.locator("[data-copy=issued-token]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#issued-token").text_content()


def test_the_first_contact_appears_by_itself(
    open_page: OpenPage, alice: User, enabled_acme: Organization
) -> None:
    page = open_page(alice)
    page.clock.install()
    page.goto("/manage/sync/")
    expect(page.locator("#status-panel")).to_contain_text("Waiting for the first")

    health.note_contact(gate.synchronization_of(enabled_acme), is_connection_test=True)
    page.clock.fast_forward("00:10")

    expect(page.locator("#status-panel")).to_contain_text("Healthy")
    expect(page.locator("#announcement")).to_have_text("Healthy")
    assert str(timezone.localdate()) in page.locator("#status-panel").inner_text()


def test_language_and_theme_are_chosen_on_the_page(
    open_page: OpenPage, alice: User
) -> None:
    page = open_page(alice)
    page.goto("/manage/")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.get_by_role("button", name="ダーク").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(18, 22, 28)"
