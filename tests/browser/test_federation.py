"""Workload identity federation, typed in by the administrator in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chatwork_admin.organizations.models import Organization, User
from tests.authorization.conftest import registered
from tests.authorization.workloads import AUDIENCE, SUBJECT, entra_tenant
from tests.browser.conftest import OpenPage
from tests.browser.test_portal import is_wider_than_the_window, violations
from tests.entra_id.sign_on.serving import serving
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.entra_id.small_directory import DIRECTORY
from tests.entra_id.workload_identity import WorkloadIdentity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def workload(settings: Any) -> Iterator[WorkloadIdentity]:
    with serving(Site(Tenant(entra_tenant(), DIRECTORY))) as address:
        settings.SAML_STAND_INS = [address]
        provider = replace(entra_tenant(), authority=address)
        yield WorkloadIdentity(provider, SUBJECT, AUDIENCE)


@pytest.fixture
def address(enabled_acme: Organization) -> str:
    client = registered(enabled_acme).row
    return f"/manage/sync/connection/clients/{client.pk}/"


def is_sound(page: Page) -> bool:
    return not violations(page) and not is_wider_than_the_window(page)


@pytest.mark.parametrize(
    "browser",
    [
        {"language": "en", "theme": "light", "width": 1280},
        {"language": "ja", "theme": "dark", "width": 375},
        {"language": "ja", "theme": "light", "width": 1280, "javascript": False},
        {"language": "en", "theme": "dark", "width": 375, "javascript": False},
    ],
)
def test_an_identity_is_trusted_and_removed(
    open_page: OpenPage,
    alice: User,
    workload: WorkloadIdentity,
    address: str,
    browser: dict[str, Any],
) -> None:
    page, script = open_page(alice, **browser), browser.get("javascript", True)
    page.goto(address)
    page.click(f"a[href='{address}federation/']")
    page.fill("[name=issuer]", workload.issuer)
    page.fill("[name=jwks_uri]", "https://evil.test/keys")
    page.fill("[name=subject]", workload.subject)
    page.fill("[name=audience]", workload.audience)
    page.press("[name=audience]", "Enter")
    expect(page.locator("#id_jwks_uri_error")).to_be_visible()
    assert not script or is_sound(page)

    page.fill("[name=jwks_uri]", workload.jwks_uri)
    page.click("#add-identity-form .primary")
    page.wait_for_url(f"**{address}")
    expect(page.get_by_text(SUBJECT).first).to_be_visible()
    assert not script or is_sound(page)

    page.click("a[href$='/remove/'][href*='federation']")
    assert not script or is_sound(page)
    page.click("#remove-form .danger")
    page.wait_for_url(f"**{address}")
    expect(page.get_by_text(SUBJECT)).to_have_count(0)
