"""Single logout with what is not ours, begun on either side."""

from __future__ import annotations

import pytest

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User, UserSession
from saml_sso import addresses
from tests.foreign_identity_providers.conftest import Start
from tests.foreign_identity_providers.providers import URL
from tests.foreign_identity_providers.web import Browser

IDP = f"{URL}/simplesaml/saml2/idp"
SIGN_OUT = "/sign-out/"


@pytest.fixture
def signed_in(acme: Organization, bob: User, start: Start, browser: Browser) -> Browser:
    """Bob's browser, signed in here and there. All logout messages are signed."""
    provider = start("SimpleSAMLphp")
    provider.describe({"mail": [bob.user_name]})
    provider.choose(**{"redirect.sign": True, "redirect.validate": True})
    assert browser.open(addresses.login_url(acme)).status_code == 200
    return browser


def is_known_there(browser: Browser, organization: Organization) -> bool:
    """Whether the identity provider lets in without asking for a password again."""
    typed, browser.typed = browser.typed, {}
    page = browser.open(addresses.login_url(organization))
    browser.typed = typed
    return page.url.host == "admin.example.jp"


def test_who_signs_out_here_is_signed_out_there(
    acme: Organization, signed_in: Browser
) -> None:
    assert is_known_there(signed_in, acme)
    page = signed_in.open("https://admin.example.jp/account/")

    end = signed_in.submit(page, SIGN_OUT)

    assert str(end.url) == "https://admin.example.jp/s/acme/"
    assert "You have signed out." in end.text
    assert f"{IDP}/SingleLogoutService.php" in signed_in.visited
    assert not UserSession.objects.filter(ended_at=None).exists()
    assert not is_known_there(signed_in, acme)


def test_who_signs_out_there_is_signed_out_here(
    acme: Organization, bob: User, signed_in: Browser
) -> None:
    back = f"{IDP}/metadata.php"

    end = signed_in.open(f"{IDP}/SingleLogoutService.php?ReturnTo={back}")

    assert str(end.url) == back
    assert addresses.logout_url(acme) in signed_in.visited
    account = signed_in.open("https://admin.example.jp/account/")
    assert account.url.path != "/account/"
    [event] = AuditEvent.objects.filter(action="session.ended")
    assert event.actor["kind"] == "identity-provider"
