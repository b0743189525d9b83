"""User managers read most pages: nothing there leads them to one they may not open."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider
from tests.portal.test_access import OPEN
from tests.portal.test_page_costs import NAMES, _address, grow
from tests.test_tenant_isolation import secrets_of_acme  # noqa: F401 - a fixture

LINK = re.compile(r'<a [^>]*href="(/(?:manage|account)/[^"#]*)')
FORM = re.compile(
    r'<form [^>]*action="(/(?:manage|account)/[^"]*)"((?:(?!</form>).)*)', re.DOTALL
)
AWAY = OPEN | {"authorize", "deny"}


def leads_to(page: str) -> set[str]:
    """Return where links, and forms with a button, lead in the portal."""
    sent = [action for action, inside in FORM.findall(page) if "<button" in inside]
    return {unescape(each) for each in LINK.findall(page) + sent}


def refused(client: Client, pages: list[str]) -> dict[str, set[str]]:
    found = {page: leads_to(client.get(page).text) for page in pages}
    asked = set().union(*found.values())
    closed = {each for each in asked if client.get(each).status_code == 403}
    return {page: links & closed for page, links in found.items() if links & closed}


def test_no_link_and_no_form_of_a_new_organization_leads_to_a_refusal(
    as_carol: Client,
) -> None:
    pages = ["/manage/", "/manage/sync/", "/manage/security/login/", "/manage/users/"]

    assert refused(as_carol, pages) == {}


def test_no_link_and_no_form_leads_to_a_refusal(
    as_carol: Client,
    alice: User,
    acme: Organization,
    secrets_of_acme: dict[str, str],  # noqa: F811
) -> None:
    grow(acme, alice)
    IdentityProvider.objects.update(tested_version=None, bypass_proven_at=None)
    addresses = [_address(each, secrets_of_acme) for each in NAMES if each not in AWAY]
    open_to_her = [each for each in addresses if as_carol.get(each).status_code == 200]
    assert len(open_to_her) > 20

    assert refused(as_carol, open_to_her) == {}


@pytest.mark.parametrize(("who", "is_linked"), [("alice", True), ("carol", False)])
def test_a_task_that_only_one_can_do_says_who(
    request: pytest.FixtureRequest,
    alice: User,
    acme_idp: IdentityProvider,
    who: str,
    *,
    is_linked: bool,
) -> None:
    IdentityProvider.objects.update(tested_version=None)
    page = request.getfixturevalue(f"as_{who}").get("/manage/").text

    assert "have not passed a test sign-in." in page
    assert ("Test the sign-in</a>" in page) is is_linked
    assert ("Only the organization administrator" in page) is not is_linked
