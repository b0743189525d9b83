from __future__ import annotations

import base64
import textwrap
from datetime import UTC, datetime, timedelta

import pytest

from saml_sso.response_reasons import ResponseReason as Reason
from saml_sso.responses import read_response
from tests.entra_id.identity_provider import new_identity_provider
from tests.entra_id.saml_claims import claims_of
from tests.entra_id.saml_responses import PERSISTENT, SigningOption
from tests.saml_sso.answering import (
    BOB,
    TENANT,
    acme,
    answer,
    expectations,
    pem_of,
    read,
    refusal,
)

# What must be accepted


def test_what_entra_sends_by_default_is_believed() -> None:
    sent = answer()
    assertion = read(sent.signed())

    assert assertion.id == assertion.session_index == sent.assertion_id
    assert assertion.name_id == "bob@acme.example"
    assert assertion.issuer == f"https://sts.windows.net/{TENANT}/"
    assert (assertion.object_id, assertion.tenant_id) == (BOB.object_id, TENANT)
    assert assertion.attributes[
        "http://schemas.microsoft.com/identity/claims/displayname"
    ] == ("田中 ボブ",)
    assert assertion.session_not_on_or_after is None
    assert assertion.signed == "assertion"
    assert not assertion.was_encrypted


@pytest.mark.parametrize("option", ["assertion", "response", "both"])
def test_every_signing_option_of_entra_is_believed(option: SigningOption) -> None:
    assert read(answer(signing_option=option).signed()).signed == option


def test_base64_may_be_wrapped() -> None:
    encoded = base64.encodebytes(answer().signed().encode()).decode()
    wrapped = textwrap.fill(encoded.replace("\n", ""), 76).replace("\n", "\r\n")

    assert read_response(encoded, expectations()).name_id == BOB.mail
    assert read_response(wrapped, expectations()).name_id == BOB.mail


def test_the_second_certificate_of_a_rollover_is_named_when_it_signed() -> None:
    following = new_identity_provider(TENANT)
    trusted = (pem_of(acme().provider), pem_of(following))

    by_first = read(answer().signed(), certificates=trusted)
    by_second = read(answer(provider=following).signed(), certificates=trusted)

    assert by_first.certificate_sha256 != by_second.certificate_sha256


def test_a_clock_ninety_seconds_ahead_is_forgiven() -> None:
    ahead = datetime.now(UTC) + timedelta(seconds=90)
    assert read(answer(now=ahead).signed()).name_id == BOB.mail


def test_a_hundred_and_fifty_groups_are_read() -> None:
    groups = tuple(f"00000000-0000-0000-0000-{each:012}" for each in range(150))
    claims = claims_of(BOB, tenant_id=TENANT, issuer="i", groups=groups)
    attributes = read(answer(claims=claims).signed()).attributes

    assert (
        attributes["http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"]
        == groups
    )


def test_a_persistent_name_id_is_read_with_its_format() -> None:
    sent = answer(name_id="yH2-uM_4bX/q9=", name_id_format=PERSISTENT)
    assertion = read(sent.signed())

    assert (assertion.name_id, assertion.name_id_format) == (
        "yH2-uM_4bX/q9=",
        PERSISTENT,
    )


# What must not


def test_without_the_id_of_a_request_nothing_can_be_expected() -> None:
    with pytest.raises(ValueError, match="request"):
        expectations(request_id="")


def test_a_response_that_nobody_signed_is_refused() -> None:
    refused = refusal(answer(signing_option="neither").signed())
    assert refused.reason is Reason.SIGNATURE_MISSING


def test_a_changed_word_is_refused() -> None:
    forged = answer().signed().replace("bob@acme.example", "ceo@acme.example")
    assert refusal(forged).reason is Reason.SIGNATURE_INVALID


def test_the_key_of_another_organization_is_refused() -> None:
    globex = new_identity_provider(TENANT)
    assert refusal(answer(provider=globex).signed()).reason is Reason.SIGNATURE_INVALID


def test_an_answer_to_another_request_is_refused() -> None:
    refused = refusal(answer(in_response_to="_another").signed())
    assert refused.reason is Reason.WRONG_IN_RESPONSE_TO


def test_a_signed_response_may_be_required() -> None:
    refused = refusal(answer().signed(), require_signed_response=True)

    assert refused.reason is Reason.SIGNATURE_MISSING
    assert refused.detail == "Response"

    accepted = read(
        answer(signing_option="both").signed(), require_signed_response=True
    )
    assert accepted.signed == "both"
