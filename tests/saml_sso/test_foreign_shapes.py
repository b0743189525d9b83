"""Responses as other identity providers write them."""

from __future__ import annotations

import re

import pytest

from tests.entra_id.saml_responses import SamlResponse, SigningOption
from tests.entra_id.xml_signatures import EXCLUSIVE_C14N, sign
from tests.saml_sso.answering import BOB, acme, answer, read
from tests.saml_sso.hostile.target import cut, edited

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
OPTIONS: tuple[SigningOption, ...] = ("assertion", "response", "both")
NAMES = (
    "Assertion|Issuer|Subject|NameID|SubjectConfirmation|SubjectConfirmationData|"
    "Conditions|AudienceRestriction|Audience|AttributeStatement|Attribute|"
    "AttributeValue|AuthnStatement|AuthnContext|AuthnContextClassRef"
)


def prefixed(sent: SamlResponse) -> str:
    """Declare SAML's namespaces and XML Schema's once, at the response, by prefix."""
    xml = str(sent).replace(f' xmlns="{SAML}"', "")
    xml = re.sub(rf"<(/?)(?=(?:{NAMES})\b)", r"<\1saml2:", xml)
    xml = xml.replace(
        "<saml2:AttributeValue>", '<saml2:AttributeValue xsi:type="xs:string">'
    )
    declared = (
        f'<samlp:Response xmlns:saml2="{SAML}"'
        ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    )
    return edited(xml, ("<samlp:Response ", declared))


@pytest.mark.parametrize("option", OPTIONS)
def test_prefixes_declared_at_the_response_are_read(option: SigningOption) -> None:
    signed = sign(prefixed(answer(signing_option=option)), acme().provider.key)
    assert read(signed).object_id == BOB.object_id


@pytest.mark.parametrize("option", OPTIONS)
def test_inclusive_prefixes_are_signed_and_read(option: SigningOption) -> None:
    """OpenSAML names the prefix of types, which no element or attribute uses."""
    step = f'<Transform Algorithm="{EXCLUSIVE_C14N}"/>'
    inclusive = (
        f'<Transform Algorithm="{EXCLUSIVE_C14N}"><ec:InclusiveNamespaces'
        f' xmlns:ec="{EXCLUSIVE_C14N}" PrefixList="xs"/></Transform>'
    )
    unsigned = prefixed(answer(signing_option=option)).replace(step, inclusive)

    assert read(sign(unsigned, acme().provider.key)).signed == option


def test_an_encrypted_assertion_may_use_a_prefix_of_the_response() -> None:
    encryption = acme().encryption()
    signed = sign(prefixed(answer()), acme().provider.key)
    _, assertion = cut(signed, "<saml2:Assertion ", "</saml2:Assertion>")
    encrypted = edited(signed, (assertion, encryption.encrypt(assertion)))

    assert read(encrypted, decryption_keys=(acme().pair,)).was_encrypted


def test_white_space_between_elements_is_read() -> None:
    sent = answer(signing_option="both")
    indented = re.sub(r">(?=<(?!/|Signature))", ">\n  ", str(sent))

    assert read(sign(indented, acme().provider.key)).name_id == BOB.mail
    assert indented.count("\n") > 20


def test_a_declaration_may_stand_before_it() -> None:
    for declaration in (
        '<?xml version="1.0"?>',
        "<?xml version='1.0' encoding='utf-8' standalone='no' ?>\n",
        '\r\n<?xml version="1.0" encoding="UTF-8"?>',
    ):
        assert read(declaration + answer().signed()).name_id == BOB.mail
