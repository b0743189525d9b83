from __future__ import annotations

import base64
import textwrap
from datetime import UTC, datetime, timedelta

import pytest

from saml_sso.messages.response_reasons import ResponseReason as Reason
from saml_sso.messages.responses import read_response
from tests.entra_id.identity_provider import new_identity_provider
from tests.entra_id.saml_claims import claims_of
from tests.entra_id.saml_responses import PERSISTENT, SigningOption
from tests.entra_id.xml_signatures import sign, signature_template
from tests.saml_sso import builders
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
from tests.saml_sso.hostile.target import cut, edited

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


def test_the_same_person_may_come_twice_and_two_windows_in_any_order() -> None:
    first, second = answer(in_response_to="_1"), answer(in_response_to="_2")
    later = read(second.signed(), request_id="_2")
    earlier = read(first.signed(), request_id="_1")

    assert earlier.name_id == later.name_id
    assert earlier.id != later.id


def test_a_replay_has_to_be_recognised_until_the_earlier_end() -> None:
    """An hour of the confirmation, where the conditions have 65 minutes."""
    now = datetime.now(UTC).replace(microsecond=0)
    ended = read(answer(now=now).signed()).not_on_or_after
    assert ended == now + timedelta(hours=1)


def test_the_end_of_the_session_is_told_where_there_is_one() -> None:
    end = 'SessionNotOnOrAfter="2126-11-25T09:00:00.1234567Z" AuthnInstant='
    unsigned = edited(str(answer()), ("AuthnInstant=", end))
    assertion = read(sign(unsigned, acme().provider.key))
    assert assertion.session_not_on_or_after == datetime(
        2126, 11, 25, 9, 0, 0, 123456, tzinfo=UTC
    )


def test_a_fresh_sign_in_satisfies_who_asked_for_one() -> None:
    since = datetime.now(UTC) - timedelta(seconds=30)
    assert read(answer().signed(), authenticated_since=since).name_id == BOB.mail


def test_identities_are_compared_in_lower_case() -> None:
    claims = tuple(
        (name, tuple(each.upper() for each in values))
        if name.endswith(("tenantid", "objectidentifier"))
        else (name, values)
        for name, values in answer().claims
    )
    assertion = read(answer(claims=claims).signed())
    assert (assertion.object_id, assertion.tenant_id) == (BOB.object_id, TENANT)


def test_other_products_name_neither_tenant_nor_object() -> None:
    claims = (("email", ("bob@acme.example",)),)
    assertion = read(answer(claims=claims).signed(), tenant_id=None)
    assert (assertion.object_id, assertion.tenant_id) == (None, None)


def test_an_elliptic_key_may_sign() -> None:
    key = builders.ec_key()
    certificate = builders.certificate(key=key)
    sent = answer()
    bare, _ = cut(str(sent), "<Signature ", "</Signature>")
    template = signature_template(
        sent.assertion_id,
        certificate,
        algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    )
    unsigned = edited(bare, ("</Issuer><Subject>", f"</Issuer>{template}<Subject>"))
    trusted = (builders.pem_of(certificate),)
    assert read(sign(unsigned, key), certificates=trusted).signed == "assertion"


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
    assert (
        refusal(answer(provider=globex).signed()).reason is Reason.CERTIFICATE_UNKNOWN
    )


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
