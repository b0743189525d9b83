"""What python3-saml with its strictest flags lets through, and we do not.

Should one of these fail after an upgrade, the library has closed a hole, and a check of
ours is no longer alone.
"""

from __future__ import annotations

from typing import Any

import pytest
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from saml_sso.messages.response_reasons import ResponseReason as Reason
from saml_sso.messages.second_opinion import Signer, request_data, settings_of
from tests.entra_id.xml_signatures import sign
from tests.saml_sso.answering import acme, answer, expectations, pem_of, refusal_of
from tests.saml_sso.hostile import addressing, foreign_keys, stolen, times, truncation
from tests.saml_sso.hostile.target import Family, HostileMessage, edited, hostile

HOLES: dict[str, tuple[Family, list[str]]] = {
    "L1 envelope": (
        stolen.messages,
        [
            "the label outside stripped",
            "solicited by nobody, relabelled outside",
            "solicited by nobody",
        ],
    ),
    "L4 destination": (
        addressing.messages,
        [
            "destination longer",
            "destination with a query",
            "no destination (assertion)",
        ],
    ),
    "L5 recipient": (
        addressing.messages,
        ["recipient inside of another", "recipient longer", "no recipient"],
    ),
    "L6 audience": (addressing.messages, ["no audience", "two audiences"]),
    "L7 times": (
        times.messages,
        [
            "Conditions: end ten years ahead",
            "SubjectConfirmationData: end ten years ahead",
            "SubjectConfirmationData: no end",
            "Conditions: no end",
            "twenty minutes old",
        ],
    ),
    "L7 confirmations": (stolen.messages, ["one confirmation of two is ours"]),
    "L8 children": (
        truncation.messages,
        ["an element in the AttributeValue, signed with it"],
    ),
    "L14 certificates": (foreign_keys.messages, ["certificate-expired"]),
}
CASES = [(hole, name) for hole, (_, names) in HOLES.items() for name in names]


@pytest.mark.parametrize(("hole", "name"), CASES)
def test_the_library_alone_accepts_what_we_refuse(hole: str, name: str) -> None:
    [message] = [each for each in HOLES[hole][0](acme()) if each.name == name]

    assert accepted_by_library(message).is_valid(
        request_data(acme().acs_url), acme().request_id
    )
    assert refusal_of(message.form_value, **message.changes).reason is message.reason


def test_l2_without_a_request_id_the_library_asks_for_none() -> None:
    stolen_one = hostile(
        "stolen", answer(in_response_to="_x").signed(), Reason.WRONG_IN_RESPONSE_TO
    )
    response = accepted_by_library(stolen_one)

    assert response.is_valid(request_data(acme().acs_url), None)
    assert not response.is_valid(request_data(acme().acs_url), acme().request_id)


def test_l8_the_library_reads_half_an_attribute() -> None:
    xml = edited(
        str(answer()),
        ("<AttributeValue>ボブ", "<AttributeValue>ボ<x xmlns='urn:x'/>ブ"),
    )
    message = hostile(
        "cut", sign(xml, acme().provider.key), Reason.CHILD_ELEMENTS_IN_TEXT
    )
    name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname"

    assert accepted_by_library(message).get_attributes()[name] == ["ボ"]
    assert refusal_of(message.form_value).reason is message.reason


def test_l15_settings_of_one_response_are_not_those_of_the_next() -> None:
    signer = Signer(certificate="x", signs_assertion=True, signs_response=False)
    one, other = (settings_of(expectations(), signer) for _ in range(2))
    OneLogin_Saml2_Settings(one)

    assert one != other
    assert one["idp"] is not other["idp"]


def accepted_by_library(message: HostileMessage) -> Any:
    signer = Signer(
        certificate=pem_of(acme().provider), signs_assertion=True, signs_response=False
    )
    settings = OneLogin_Saml2_Settings(settings_of(expectations(), signer))
    return OneLogin_Saml2_Response(settings, message.form_value)
