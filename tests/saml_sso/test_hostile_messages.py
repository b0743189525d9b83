from __future__ import annotations

import base64
from collections import Counter

import pytest
import xmlsec
from lxml import etree

from tests.saml_sso.answering import acme, pem_of, refusal_of
from tests.saml_sso.hostile import FAMILIES, hostile_messages, truncation, wrapping
from tests.saml_sso.hostile.target import HostileMessage


@pytest.mark.parametrize("family", FAMILIES)
def test_each_hostile_message_is_refused_for_its_own_reason(family: str) -> None:
    messages = tuple(FAMILIES[family](acme()))
    expected = {each.name: each.reason.value for each in messages}
    found = {each.name: _reason(each) for each in messages}
    assert found == expected


def _reason(message: HostileMessage) -> str:
    return refusal_of(message.form_value, **message.changes).reason.value


def test_the_signatures_in_wrapped_and_commented_messages_are_genuine() -> None:
    """Or refusing them would prove nothing. The other XSW need another verifier's flaw."""
    genuine = {"XSW2", "XSW3", "XSW4", "XSW5"}
    wrapped = [each for each in wrapping.messages(acme()) if each.name[:4] in genuine]
    commented = [each for each in truncation.messages(acme()) if "comment" in each.name]

    assert len(wrapped) == 7
    assert len(commented) == 6
    assert all(_has_genuine_signature(each) for each in wrapped + commented)


def _has_genuine_signature(message: HostileMessage) -> bool:
    root = etree.fromstring(base64.b64decode(message.form_value))
    names = {"ds": "http://www.w3.org/2000/09/xmldsig#"}
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        pem_of(acme().provider), xmlsec.constants.KeyDataFormatCertPem
    )
    context.verify(root.xpath("//ds:Signature", namespaces=names)[-1])
    return True


def test_no_message_is_made_twice() -> None:
    made = hostile_messages(acme())
    names = Counter(
        (family, each.name) for family, messages in made.items() for each in messages
    )
    contents = {each.form_value for messages in made.values() for each in messages}

    assert max(names.values()) == 1
    assert len(contents) >= 200
