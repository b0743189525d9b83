"""The page that asks before untested SAML settings count for everybody."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client

from chatwork_admin.organizations.models import User
from saml_sso.models import IdentityProvider, SettingsVersion
from tests.conftest import signed_in
from tests.organizations.proofs.test_second_factor import with_app
from tests.portal.saml import test_options, test_settings
from tests.portal.saml.test_versions import PAGE as VERSIONS
from tests.portal.saml.test_versions import A, B, two_versions

__all__ = ["two_versions"]
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
OPTIONS = test_options.SAVE


def confirming(page: str) -> dict[str, str]:
    """Return what the form of the page sends."""
    form = page.split('id="goes-live-form"')[1].split("</form>", maxsplit=1)[0]
    return {name: unescape(value) for name, value in HIDDEN.findall(form)}


def post(client: Client, what: str) -> tuple[str, Any]:
    """Ask for one of three changes; return where it was asked, and the answer."""
    if what == "restore":
        path, fields = f"{VERSIONS}1/restore/", {}
    elif what == "options":
        path = OPTIONS
        fields = test_options.chosen(require_signed_response="on", version="2")
    else:
        typed = test_settings.typed(entity_id="https://idp.example.com/c")
        preview = client.post(test_settings.MANUAL, typed).text
        path = test_settings.SAVE
        fields = test_settings.HiddenFields(preview).values
    return path, client.post(path, fields)


@pytest.mark.parametrize("what", ["save", "options", "restore"])
@pytest.mark.parametrize("mode", ["optional", "required"])
def test_it_says_who_is_at_risk_and_goes_on_when_confirmed(
    two_versions: Client, alice: User, bob: User, carol: User, what: str, mode: str
) -> None:
    with_app(alice)
    IdentityProvider.objects.update(mode=mode, tested_version=2)
    client = signed_in(alice)
    path, asked = post(client, what)

    assert asked.status_code == 200
    assert "SAML sign-in is on, and these settings have passed no test." in asked.text
    assert ">Bob<" in asked.text
    assert (">Carol<" in asked.text) == (mode == "required")
    assert ("another identity provider" in asked.text) == (what != "options")
    assert IdentityProvider.objects.get().config_version == 2

    answer = client.post(path, confirming(asked.text))

    assert answer["Location"] == "/manage/security/login/test/"
    provider = IdentityProvider.objects.get()
    assert (provider.config_version, provider.mode) == (3, mode)
    assert (provider.entity_id == A) == (what == "restore")


@pytest.mark.parametrize("what", ["save", "options", "restore"])
def test_it_is_refused_to_who_has_no_other_way_in(
    two_versions: Client, alice: User, what: str
) -> None:
    IdentityProvider.objects.update(mode="optional")
    User.objects.filter(pk=alice.pk).update(password="!unusable")
    client = signed_in(alice)
    path, asked = post(client, what)

    assert asked.status_code == 409
    assert "You could not get in without SAML" in asked.text
    assert "goes-live-form" not in asked.text
    assert client.post(path, {"confirmed": "yes"}).status_code in {409, 422}
    assert IdentityProvider.objects.get().entity_id == B


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_version_that_passed_a_test_says_when_and_asks_for_another(
    two_versions: Client, language: str
) -> None:
    tested_at = datetime(2026, 11, 3, 4, 5, tzinfo=UTC)
    SettingsVersion.objects.filter(number=1).update(tested_at=tested_at)
    IdentityProvider.objects.update(mode="optional")
    two_versions.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    page = post(two_versions, "restore")[1].text

    at = "2026-11-03 13:05"
    words = {"en": ("passed a test on", "another one"), "ja": ("に合格", "もう一度")}
    for said in (at, *words[language]):
        assert said in page
    for untrue in ("passed no test", "nobody has signed in with it yet"):
        assert untrue not in page


def test_the_page_speaks_japanese(two_versions: Client) -> None:
    IdentityProvider.objects.update(mode="optional")
    two_versions.defaults["HTTP_ACCEPT_LANGUAGE"] = "ja"
    page = post(two_versions, "restore")[1].text

    assert "全員にすぐ適用されます" in page
