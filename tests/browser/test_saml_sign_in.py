"""Sign-in with a real Chromium: the identity provider is another site, over plain HTTP.

The product is `localhost`, the stand-in `127.0.0.1`: its POST comes without our cookies,
as from Entra ID.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Request

from chatwork_admin.organizations.models import Organization, User, UserSession
from chatwork_admin.organizations.sessions.store import SessionStore
from saml_sso import service_provider
from saml_sso.models import IdentityProvider
from saml_sso.sign_in.recheck import CONFIRMED_AT
from tests.browser.conftest import OpenPage
from tests.entra_id.directory import Directory
from tests.entra_id.sign_on.applications import application_from_metadata
from tests.entra_id.sign_on.serving import serving
from tests.entra_id.sign_on.site import Site
from tests.entra_id.sign_on.tenant import Tenant
from tests.saml_sso.signing_in import Entra, entra_of, entry_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORD = "Sign in with Microsoft Entra ID"


@pytest.fixture
def entra(
    plain_http: None, acme: Organization, alice: User, bob: User
) -> Iterator[Entra]:
    """Acme's Entra ID, with a web site of its own; Alice and Bob are assigned."""
    entra = entra_of(acme)
    tenant = Tenant(entra.signer, Directory.of([entry_of(alice), entry_of(bob)], []))
    tenant.register(application_from_metadata(service_provider.metadata(acme)))
    with serving(Site(tenant)) as address:
        assert address.startswith("http://127.0.0.1:")
        url = f"{address}/{entra.signer.tenant_id}/saml2"
        IdentityProvider.objects.update(single_sign_on_url=url, single_logout_url=url)
        yield entra


def choose(page: Page, person: User) -> None:
    """Say at the identity provider who one is."""
    page.select_option("#user", person.user_name)
    page.click("#continue")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_member_signs_in_at_the_door_and_lands_on_the_account_page(
    entra: Entra, bob: User, open_page: OpenPage, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    page.goto("/s/acme/")
    page.click(f"text={WORD}")
    assert "127.0.0.1" in page.url
    choose(page, bob)
    if not javascript:
        page.click("#continue")

    page.wait_for_url("**/account/")
    assert page.locator("h1").inner_text() == "Bob"
    page.click("text=Sign out")
    page.wait_for_url("**/s/acme/")
    assert "You have signed out." in page.inner_text(".messages")
    page.click(f"text={WORD}")  # and there, too: it asks again
    assert page.locator("#user").is_visible()


def test_an_administrator_gets_to_the_page_that_was_asked_for(
    entra: Entra, alice: User, open_page: OpenPage
) -> None:
    page = open_page(language="ja")
    page.goto("/manage/users/")
    page.fill("#organization", "acme")
    page.press("#organization", "Enter")
    page.click("text=Microsoft Entra ID でログイン")
    choose(page, alice)

    page.wait_for_url("**/manage/users/")


def test_the_answer_comes_without_the_ticket_and_the_next_request_with_it(
    entra: Entra, bob: User, open_page: OpenPage
) -> None:
    seen: list[Request] = []
    page = open_page()
    page.on("request", lambda request: seen.append(request))  # noqa: PLW0108 - not of C
    page.goto(entra.address("login"))
    choose(page, bob)
    page.wait_for_url("**/account/")

    answer = next(each for each in seen if each.url.endswith("/acs"))
    completion = next(each for each in seen if "/complete?" in each.url)
    assert answer.method == "POST"
    assert "saml-flow-" not in answer.all_headers().get("cookie", "")
    assert "saml-flow-" in completion.all_headers()["cookie"]


def test_two_tabs_finish_in_reverse_order(
    entra: Entra, alice: User, open_page: OpenPage
) -> None:
    first = open_page()
    first.goto(f"{entra.address('login')}?next=/manage/users/")
    second = first.context.new_page()
    second.goto(f"{entra.address('login')}?next=/manage/teams/")

    choose(second, alice)
    second.wait_for_url("**/manage/teams/")
    choose(first, alice)
    first.wait_for_url("**/manage/users/")


def test_back_after_signing_in_leads_on(
    entra: Entra, bob: User, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto("/s/acme/")
    page.click(f"text={WORD}")
    choose(page, bob)
    page.wait_for_url("**/account/")

    page.go_back()  # to the identity provider's page, which answers once more
    if page.locator("#user").is_visible():
        choose(page, bob)
    page.wait_for_url("**/account/")
    page.go_back()
    page.goto("/s/acme/")
    page.wait_for_url("**/account/")


def test_who_is_suspended_sees_a_reference_number_and_nothing_else(
    entra: Entra, bob: User, open_page: OpenPage
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    page = open_page(language="ja", width=375)
    page.goto(entra.address("login"))
    choose(page, bob)
    page.wait_for_url("**/answered?*")

    assert page.locator("h1").inner_text() == "ログインできませんでした"
    assert len(page.locator("#reference").inner_text()) == 14
    page.click("text=ログイン画面へ")
    assert page.url.endswith("/s/acme/")


def test_who_signs_out_at_the_identity_provider_is_signed_out_here(
    entra: Entra, bob: User, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(entra.address("login"))
    choose(page, bob)
    page.wait_for_url("**/account/")

    page.goto(entra.provider.single_sign_on_url.removesuffix("saml2"))
    page.click("#sign-out")

    page.wait_for_selector("#signed-out")
    page.goto("/account/")
    assert "/s/acme/" in page.url


@pytest.mark.parametrize("javascript", [True, False])
def test_an_administrator_signs_in_anew_and_goes_on_with_what_was_asked(
    entra: Entra, alice: User, open_page: OpenPage, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    page.goto(f"{entra.address('login')}?next=/manage/sync/connection/")
    choose(page, alice)
    if not javascript:
        page.click("#continue")
    page.wait_for_url("**/connection/")
    UserSession.objects.update(authenticated_at=None)

    page.fill("[name=name]", "Entra ID")
    page.click("#issue-token-form button")
    page.click("text=Sign in anew with Microsoft Entra ID")
    choose(page, alice)
    if not javascript:
        page.click("#continue")
    page.wait_for_url("**/account/step-up/")
    page.click("#go-on-form button")

    assert page.locator("#issued-token").inner_text().startswith("scim_")


@pytest.mark.parametrize("javascript", [True, False])
def test_after_four_hours_the_session_is_confirmed_without_a_question(
    entra: Entra, bob: User, open_page: OpenPage, *, javascript: bool
) -> None:
    page = open_page(javascript=javascript)
    page.goto(f"{entra.address('login')}?next=/account/sessions/")
    choose(page, bob)
    if not javascript:
        page.click("#continue")
    page.wait_for_url("**/account/sessions/")
    let_hours_pass(5)

    page.goto("/account/")

    if not javascript:
        page.click("#continue")
    page.wait_for_url("**/account/")
    assert page.locator("h1").inner_text() == "Bob"
    assert len(UserSession.objects.get().saml_later_indexes) == 1


def test_a_form_after_four_hours_is_taken_before_anybody_is_asked(
    entra: Entra, bob: User, open_page: OpenPage
) -> None:
    """The page that the form leads to asks; `form-action` lets no form lead there."""
    page = open_page(language="ja")
    page.goto(f"{entra.address('login')}?next=/account/sessions/")
    choose(page, bob)
    page.wait_for_url("**/account/sessions/")
    other = open_page()
    other.goto(entra.address("login"))
    choose(other, bob)
    other.wait_for_url("**/account/")
    let_hours_pass(5)

    page.reload()
    page.wait_for_url("**/account/sessions/")
    let_hours_pass(5)
    page.click("form[action$='/others/end/'] button")

    page.wait_for_selector(".messages")
    assert UserSession.objects.filter(ended_at=None).count() == 1


def test_whoever_has_to_be_asked_signs_in_anew_and_goes_on(
    entra: Entra, bob: User, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(entra.address("login"))
    choose(page, bob)
    page.wait_for_url("**/account/")
    page.context.clear_cookies(domain="127.0.0.1")
    let_hours_pass(5)

    page.goto("/account/sessions/")
    page.wait_for_selector("#user")
    choose(page, bob)

    page.wait_for_url("**/account/sessions/")


def let_hours_pass(hours: float) -> None:
    """Since the identity provider has confirmed the sessions of all browsers."""
    for row in Session.objects.all():
        store = SessionStore()
        said = store.decode(row.session_data)
        if CONFIRMED_AT in said:
            said[CONFIRMED_AT] -= hours * 60 * 60
            row.session_data = store.encode(said)
            row.save()
