"""Pictures of pages for the documentation: `make pictures` writes docs/images/ anew."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from chatwork_admin.authorization import clients, tokens
from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider
from tests.authorization.gallery import BACK, Gallery
from tests.browser.conftest import OpenPage
from tests.browser.test_consent import asking
from tests.browser.test_saml_setup import PAGE, STATES
from tests.conftest import actor_for, trust_an_identity_provider
from tests.deployment.production import PROJECT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IMAGES = PROJECT / "docs" / "images"
CONNECTION = "/manage/sync/connection/"
LANGUAGES = pytest.mark.parametrize("language", ["en", "ja"])


def photograph(page: Page, name: str, language: str) -> None:
    path = IMAGES / f"{name}-{language}.jpg"
    page.screenshot(path=path, type="jpeg", quality=40, full_page=True)


@LANGUAGES
def test_the_set_up_of_saml_in_each_state(
    open_page: OpenPage, acme: Organization, alice: User, bob: User, language: str
) -> None:
    page = open_page(alice, language=language, width=1024)
    page.goto(PAGE)
    photograph(page, "saml-nothing", language)
    trust_an_identity_provider(acme)
    for name, state in zip(
        ("draft", "tested", "optional", "required"), STATES, strict=True
    ):
        tested = {"tested_version": 1} if name == "required" else {}
        IdentityProvider.objects.update(**state | tested)
        page.goto(PAGE)
        photograph(page, f"saml-{name}", language)


@LANGUAGES
def test_consent_and_connection(
    open_page: OpenPage,
    alice: User,
    gallery: Gallery,
    enabled_acme: Organization,
    language: str,
) -> None:
    page = open_page(alice, language=language, width=1024)
    page.route(f"{BACK}**", lambda route: route.fulfill(body="Entra ID"))
    page.goto(asking(gallery))
    photograph(page, "consent", language)
    page.click("#consent-form .primary")
    page.wait_for_url(f"{BACK}?**")
    fields = parse_qs(urlsplit(page.url).query)
    exchanged = {"grant_type": "authorization_code", "code": fields["code"][0]}
    exchanged |= gallery.body | {"redirect_uri": BACK}
    assert page.request.post("/oauth/token", form={**exchanged}).ok
    by = actor_for(alice)
    client = clients.register(enabled_acme, name="Okta", token_minutes=60, actor=by)
    ending = timezone.now() + timedelta(days=180)
    clients.add_secret(
        enabled_acme, client.pk, note="first", expires_at=ending, actor=by
    )
    tokens.issue(enabled_acme, name="OneLogin", expires_at=None, actor=by)
    page.goto(CONNECTION)
    photograph(page, "connection", language)
