from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from saml_sso.messages.logout_messages import (
    EndedSession,
    LogoutExpectations,
    LogoutRequest,
    Sender,
    issuers_of_logout,
    logout_request,
    logout_response,
    read_logout_request,
    read_logout_response,
)
from saml_sso.messages.response_reasons import InvalidResponse
from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id import saml_logouts
from tests.entra_id.redirects import Received, receive, signed_query
from tests.saml_sso import builders
from tests.saml_sso.answering import NEIGHBOUR, TENANT, acme, logout_expectations
from tests.saml_sso.hostile.logouts import hostile_logouts, request_of

SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def expectations(**changes: object) -> LogoutExpectations:
    return replace(logout_expectations(), **changes)  # type: ignore[arg-type]  # passed through


def requested(relay_state: str = "", **changes: object) -> str:
    xml = str(request_of(acme(), **changes))
    key = acme().provider.key
    return signed_query("SAMLRequest", xml, key, relay_state=relay_state)


def answered(in_response_to: str = "_ours", **changes: object) -> str:
    message = saml_logouts.LogoutResponse(
        provider=acme().provider,
        destination=acme().logout_url,
        in_response_to=in_response_to,
    )
    xml = str(replace(message, **changes))  # type: ignore[arg-type]  # passed through
    return signed_query("SAMLResponse", xml, acme().provider.key)


def sender() -> Sender:
    return Sender(
        entity_id=acme().entity_id,
        single_logout_url="https://login.microsoftonline.com/x/saml2?a=1&b=2",
        signing_key=builders.private_key_pem(),
    )


def sent(url: str) -> Received:
    received = receive(urlsplit(url).query)
    key = load_pem_private_key(sender().signing_key.encode(), password=None)
    assert received.is_signed_by(key.public_key())  # type: ignore[arg-type]  # RSA
    return received


# What Entra sends


def test_entra_ends_a_session_by_its_index() -> None:
    request = read_logout_request(
        requested("state", session_indexes=["_one", "_two"]), expectations()
    )

    assert request.name_id == "bob@acme.example"
    assert request.session_indexes == ("_one", "_two")
    assert request.relay_state == "state"
    assert request.replayable_until > datetime.now(UTC) + timedelta(minutes=14)


def test_entra_ends_every_session_by_naming_none() -> None:
    assert read_logout_request(requested(), expectations()).session_indexes == ()


@pytest.mark.parametrize("host", ["sts.windows.net", "login.microsoftonline.com"])
def test_both_names_of_a_tenant_may_send(host: str) -> None:
    issuer = f"https://{host}/{TENANT}/"
    assert read_logout_request(requested(issuer=issuer), expectations()).name_id
    assert read_logout_response(
        answered(issuer=issuer), expectations(), request_id="_ours"
    ).is_success


def test_other_providers_have_one_name() -> None:
    assert issuers_of_logout("https://idp.example.com/") == {"https://idp.example.com/"}
    assert f"https://login.microsoftonline.com/{NEIGHBOUR}/" not in issuers_of_logout(
        acme().provider.entity_id
    )


def test_an_answer_may_say_that_not_all_went_well() -> None:
    status = "urn:oasis:names:tc:SAML:2.0:status:Responder"
    query = answered(status=status)
    response = read_logout_response(query, expectations(), request_id="_ours")
    assert not response.is_success


@pytest.mark.parametrize("request_id", ["", "_another"])
def test_an_answer_to_another_request_is_refused(request_id: str) -> None:
    with pytest.raises(InvalidResponse) as raised:
        read_logout_response(answered(""), expectations(), request_id=request_id)
    assert raised.value.reason is Reason.WRONG_IN_RESPONSE_TO


def test_each_hostile_request_is_refused_for_its_own_reason() -> None:
    messages = hostile_logouts(acme())
    expected = {each.name: each.reason.value for each in messages}
    found = {}
    for each in messages:
        with pytest.raises(InvalidResponse) as raised:
            read_logout_request(each.query, expectations(**each.changes))
        found[each.name] = raised.value.reason.value

    assert found == expected
    assert len(expected) == len(messages) > 40


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda each: f"{each!r}"))
def test_any_query_is_refused_and_nothing_else_happens(query: str) -> None:
    for text in (query, f"SAMLRequest={query}", f"{requested()}&{query}"):
        with pytest.raises(InvalidResponse):
            read_logout_request(text, expectations())


# What we send


def test_we_name_the_session_that_has_ended() -> None:
    ended = EndedSession(
        name_id="bob@acme.example",
        name_id_format=builders.EMAIL_ADDRESS,
        session_index="_<&>",
    )
    request_id, url = logout_request(ended, sender(), relay_state="t", now=NOW)
    message = sent(url)

    assert url.startswith(f"{sender().single_logout_url}&SAMLRequest=")
    assert message.root.tag == f"{SAMLP}LogoutRequest"
    assert message.root.get("ID") == request_id
    assert message.root.get("Destination") == sender().single_logout_url
    assert message.root.findtext(f"{SAML}Issuer") == acme().entity_id
    assert message.root.findtext(f"{SAML}NameID") == "bob@acme.example"
    assert message.root.findtext(f"{SAMLP}SessionIndex") == "_<&>"
    assert message.relay_state == "t"


def test_we_answer_what_we_were_asked() -> None:
    request = LogoutRequest("_theirs", "bob", "", (), "state", NOW, "")
    message = sent(logout_response(request, sender(), now=NOW))

    assert message.root.tag == f"{SAMLP}LogoutResponse"
    assert message.root.get("InResponseTo") == "_theirs"
    assert message.relay_state == "state"
    code = message.root.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    assert code.get("Value") == "urn:oasis:names:tc:SAML:2.0:status:Success"
