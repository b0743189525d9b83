"""The stand-in's sign-in pages, as a browser without JavaScript meets them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html

from saml_sso.key_pairs import new_key_pair, parse_key_pair
from saml_sso.messages.response_reasons import InvalidResponse
from saml_sso.messages.responses import read_response
from tests.entra_id.saml_failures import AUTHENTICATION_METHOD
from tests.entra_id.saml_responses import PERSISTENT
from tests.entra_id.sign_on.tenant import Tenant
from tests.entra_id.signing_on import (
    CAROL,
    asked,
    believed,
    brought,
    browsing,
    new_application,
    new_tenant,
    path_of,
    signed_in,
)
from tests.saml_sso.answering import BOB, TENANT, acme, expectations


@pytest.fixture
def tenant() -> Tenant:
    return new_tenant()


@pytest.fixture
def browser(tenant: Tenant) -> Iterator[httpx.Client]:
    with browsing(tenant) as client:
        yield client


def test_who_signs_in_is_brought_back_with_an_assertion(browser: httpx.Client) -> None:
    request = asked()
    assertion = believed(signed_in(browser, request), request)

    assert assertion.name_id == "bob@acme.example"
    assert assertion.object_id == BOB.object_id


def test_the_hint_chooses_who_signs_in(browser: httpx.Client) -> None:
    page = browser.get(
        path_of(asked(login_hint=CAROL.user_principal_name).redirect_url)
    )
    chosen = html.fromstring(page.text).get_element_by_id("user").value
    assert chosen == CAROL.user_principal_name


def test_the_session_answers_in_silence_unless_a_fresh_sign_in_is_wanted(
    browser: httpx.Client,
) -> None:
    signed_in(browser, asked())
    silent, forced = asked(is_passive=True), asked(force_authn=True)

    assert believed(browser.get(path_of(silent.redirect_url)), silent).name_id
    assert 'id="sign-in"' in browser.get(path_of(forced.redirect_url)).text


def test_silence_without_a_session_is_a_failure(browser: httpx.Client) -> None:
    request = asked(is_passive=True)
    with pytest.raises(InvalidResponse) as raised:
        believed(browser.get(path_of(request.redirect_url)), request)
    assert raised.value.detail == "AADSTS50058"


def test_who_is_not_assigned_is_refused_by_the_tenant(browser: httpx.Client) -> None:
    request = asked(login_hint=CAROL.user_principal_name)
    with pytest.raises(InvalidResponse) as raised:
        believed(signed_in(browser, request), request)
    assert raised.value.detail == "AADSTS50105"


def test_a_failure_may_be_arranged(browser: httpx.Client, tenant: Tenant) -> None:
    tenant.register(replace(new_application(), failure=AUTHENTICATION_METHOD))
    request = asked()
    with pytest.raises(InvalidResponse) as raised:
        believed(signed_in(browser, request), request)
    assert raised.value.detail == "AADSTS75011"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"entity_id": "https://unknown.example"}, "AADSTS700016"),
        ({"acs_url": "https://evil.example/acs"}, "AADSTS50011"),
        (
            {
                "key": parse_key_pair(
                    *new_key_pair("X", now=datetime.now(UTC))
                ).private_key
            },
            "AADSTS76026",
        ),
    ],
)
def test_a_wrong_request_gets_a_page_with_the_code(
    browser: httpx.Client, changes: dict[str, str], code: str
) -> None:
    page = browser.get(path_of(asked(**changes).redirect_url))
    assert page.status_code == 400
    assert code in page.text


def test_signed_requests_may_be_required(browser: httpx.Client, tenant: Tenant) -> None:
    tenant.register(replace(new_application(), requires_signed_requests=True))
    assert "AADSTS76021" in browser.get(path_of(asked(None).redirect_url)).text
    assert 'id="sign-in"' in browser.get(path_of(asked().redirect_url)).text


def test_a_format_that_is_asked_for_overrides_the_application(
    browser: httpx.Client,
) -> None:
    request = asked(name_id_format=PERSISTENT)
    assertion = believed(signed_in(browser, request), request)

    assert assertion.name_id_format == PERSISTENT
    assert "@" not in assertion.name_id


def test_groups_are_sent_where_the_application_wants_them(
    browser: httpx.Client, tenant: Tenant
) -> None:
    tenant.register(replace(new_application(), sends_groups=True))
    request = asked()
    attributes = believed(signed_in(browser, request), request).attributes
    groups = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"
    assert attributes[groups] == ("g1",)


def test_my_apps_bring_what_nobody_has_asked_for(browser: httpx.Client) -> None:
    signed_in(browser, asked())
    page = browser.get(f"/{TENANT}/start", params={"application": acme().entity_id})

    assert "RelayState" not in brought(page)
    with pytest.raises(InvalidResponse, match="wrong-in-response-to"):
        read_response(brought(page)["SAMLResponse"], expectations())


def test_its_metadata_is_at_the_usual_place(browser: httpx.Client) -> None:
    path = f"/{TENANT}/federationmetadata/2007-06/federationmetadata.xml"
    assert browser.get(path).content.startswith(b"\xef\xbb\xbf<?xml")
    assert browser.get(f"/{TENANT}/other").status_code == 404


def test_nothing_of_a_request_is_written_into_a_page_as_markup(
    browser: httpx.Client,
) -> None:
    url = asked(login_hint='"><script>').redirect_url
    page = browser.get(path_of(url)).text
    assert "><script>" not in page
    assert parse_qs(urlsplit(url).query)["login_hint"] == ['"><script>']
