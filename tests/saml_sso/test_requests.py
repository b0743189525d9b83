from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from saml_sso.messages.requests import SignOn, authentication_request
from tests.saml_sso import builders

SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def sign_on(**changes: object) -> SignOn:
    asked: dict[str, object] = {
        "entity_id": "https://admin.example.jp/saml/Acme/metadata",
        "acs_url": "https://admin.example.jp/saml/Acme/acs",
        "single_sign_on_url": builders.LOGIN_URL,
    }
    return SignOn(**(asked | changes))  # type: ignore[arg-type]  # passed through


def url_of(
    key: str | None = None, relay_state: str = "t0ken", **changes: object
) -> str:
    asked = sign_on(**changes)
    return authentication_request(
        asked, relay_state=relay_state, signing_key=key, now=NOW
    ).redirect_url


def message_in(url: str) -> etree._Element:
    [encoded] = parse_qs(urlsplit(url).query)["SAMLRequest"]
    return etree.fromstring(zlib.decompress(base64.b64decode(encoded), wbits=-15))


def test_the_request_names_us_and_where_to_answer() -> None:
    message = message_in(url_of())

    assert message.tag == f"{SAMLP}AuthnRequest"
    assert message.findtext(f"{SAML}Issuer") == sign_on().entity_id
    assert message.get("AssertionConsumerServiceURL") == sign_on().acs_url
    assert message.get("IssueInstant") == "2026-11-25T09:00:00Z"


def test_entra_is_asked_for_no_way_of_signing_in_and_no_subject() -> None:
    """It would refuse a stronger one (AADSTS75011), and any Subject."""
    assert [each.tag for each in message_in(url_of())] == [f"{SAML}Issuer"]


def test_a_name_id_format_is_asked_for_only_where_one_is_set() -> None:
    message = message_in(url_of(name_id_format=builders.PERSISTENT))
    policy = message.find(f"{SAMLP}NameIDPolicy")
    assert policy.get("Format") == builders.PERSISTENT


def test_a_fresh_sign_in_or_a_silent_one_may_be_asked_for() -> None:
    ordinary, forced = message_in(url_of()), message_in(url_of(force_authn=True))
    silent = message_in(url_of(is_passive=True))

    assert forced.get("ForceAuthn") == "true"
    assert silent.get("IsPassive") == "true"
    assert not {"ForceAuthn", "IsPassive"} & set(ordinary.attrib)


def test_no_two_requests_have_one_id() -> None:
    one, two = (
        authentication_request(sign_on(), relay_state="t", signing_key=None, now=NOW)
        for _ in range(2)
    )
    assert one.id != two.id
    assert message_in(one.redirect_url).get("ID") == one.id


def test_an_address_keeps_its_own_query() -> None:
    address = "https://idp.example.com/sso?a=1&b=<2>"
    url = url_of(single_sign_on_url=address, login_hint="bob+1@acme.example")

    assert url.startswith(f"{address}&login_hint=bob%2B1%40acme.example&SAMLRequest=")
    assert message_in(url).get("Destination") == address


def test_the_query_is_signed_as_it_stands() -> None:
    url = url_of(builders.private_key_pem(), relay_state="t0ken/+=")
    signed, _, signature = urlsplit(url).query.partition("&Signature=")
    [decoded] = parse_qs(f"Signature={signature}")["Signature"]
    key = builders.rsa_key().public_key()
    arguments = padding.PKCS1v15(), hashes.SHA256()

    key.verify(base64.b64decode(decoded), signed.encode(), *arguments)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(decoded), signed[:-1].encode(), *arguments)
    assert [each.partition("=")[0] for each in signed.split("&")] == [
        "SAMLRequest",
        "RelayState",
        "SigAlg",
    ]


def test_without_a_key_nothing_is_signed() -> None:
    assert set(parse_qs(urlsplit(url_of()).query)) == {"SAMLRequest", "RelayState"}
