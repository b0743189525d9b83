"""We end a session, and tell the identity provider of it."""

from __future__ import annotations

from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client

from chatwork_admin.organizations.models import User
from saml_sso.models import IdentityProvider
from tests.entra_id.redirects import Received, receive
from tests.saml_sso.logging_out import (
    answered,
    bring,
    is_in,
    refusals,
)
from tests.saml_sso.signing_in import Entra, Visitor

SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
LEADS_ON = 'http-equiv="refresh" content="0; url='


def sign_out(client: Client) -> Received:
    """Sign out; return what the browser carries to the identity provider."""
    page = client.post("/sign-out/")
    assert page.status_code == 200
    assert LEADS_ON in page.text
    url = unescape(page.text.split(LEADS_ON)[1].split('"')[0])
    return receive(urlsplit(url).query)


def test_signing_out_here_signs_out_there(
    visitor: Visitor, entra: Entra, bob: User
) -> None:
    visitor.sign_in(bob)
    session = bob.sessions.get()

    request = sign_out(visitor.client)

    assert not visitor.is_signed_in
    assert request.root.tag.endswith("LogoutRequest")
    index = request.root.findtext(f"{SAMLP}SessionIndex")
    assert index == session.saml_session_index
    back = bring(entra, answered(entra, request.root.get("ID")), visitor.client)
    assert back["Location"] == "/s/acme/"
    assert "You have signed out." in visitor.client.get("/s/acme/").text


def test_an_index_that_was_too_long_to_keep_is_not_told(
    visitor: Visitor, bob: User
) -> None:
    visitor.sign_in(bob, session_index="_" + "x" * 3000)

    request = sign_out(visitor.client)

    assert request.root.findtext(f"{SAMLP}SessionIndex") is None


def test_afterwards_the_browser_goes_where_the_settings_say(
    visitor: Visitor, entra: Entra, bob: User
) -> None:
    IdentityProvider.objects.update(after_logout_url="https://intranet.acme.test/bye")
    visitor.sign_in(bob)
    request_id = sign_out(visitor.client).root.get("ID")

    back = bring(entra, answered(entra, request_id), visitor.client)

    assert back["Location"] == "https://intranet.acme.test/bye"


def test_without_an_address_there_the_browser_goes_to_that_of_the_settings(
    visitor: Visitor, bob: User
) -> None:
    url = "https://intranet.acme.test/bye"
    IdentityProvider.objects.update(single_logout_url="", after_logout_url=url)
    visitor.sign_in(bob)

    page = visitor.client.post("/sign-out/")

    assert f'{LEADS_ON}{url}"' in page.text
    assert not visitor.is_signed_in


def test_without_any_address_the_browser_stays_at_the_door(
    visitor: Visitor, bob: User
) -> None:
    IdentityProvider.objects.update(single_logout_url="")
    visitor.sign_in(bob)

    assert visitor.client.post("/sign-out/")["Location"] == "/s/acme/"


def test_who_came_by_password_is_not_sent_away(entra: Entra, as_alice: Client) -> None:
    assert as_alice.post("/sign-out/")["Location"] == "/s/acme/"


def test_ending_ones_present_session_in_the_list_is_signing_out(
    visitor: Visitor, bob: User
) -> None:
    visitor.sign_in(bob)
    page = visitor.client.post(f"/account/sessions/{bob.sessions.get().pk}/end/")

    assert LEADS_ON in page.text
    assert not visitor.is_signed_in


def test_we_are_signed_out_whatever_the_identity_provider_says(
    visitor: Visitor, entra: Entra, bob: User
) -> None:
    visitor.sign_in(bob)
    request_id = sign_out(visitor.client).root.get("ID")
    failed = "urn:oasis:names:tc:SAML:2.0:status:Responder"

    back = bring(entra, answered(entra, request_id, status=failed), visitor.client)

    assert back["Location"] == "/s/acme/"
    assert "did not sign you out everywhere else" in visitor.client.get("/s/acme/").text


@pytest.mark.parametrize("in_response_to", ["_another", ""])
def test_an_answer_to_another_request_is_refused(
    visitor: Visitor, entra: Entra, bob: User, in_response_to: str
) -> None:
    visitor.sign_in(bob)
    sign_out(visitor.client)

    response = bring(entra, answered(entra, in_response_to), visitor.client)

    assert response.status_code == 403
    assert refusals() == ["wrong-in-response-to"]


def test_an_answer_counts_once_and_in_the_browser_that_asked(
    visitor: Visitor, entra: Entra, bob: User
) -> None:
    visitor.sign_in(bob)
    query = answered(entra, sign_out(visitor.client).root.get("ID"))

    assert bring(entra, query).status_code == 403
    assert bring(entra, query, visitor.client).status_code == 302
    assert bring(entra, query, visitor.client).status_code == 403


def test_an_answer_nobody_asked_for_signs_nobody_out(
    entra: Entra, as_alice: Client
) -> None:
    response = bring(entra, answered(entra, "_x"), as_alice)

    assert response.status_code == 403
    assert is_in(as_alice)
