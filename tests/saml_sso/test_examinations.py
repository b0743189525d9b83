from __future__ import annotations

import pytest

from saml_sso.messages.examinations import Examination, examine
from saml_sso.messages.response_reasons import ResponseReason as Reason
from saml_sso.messages.responses import CheckName
from tests.entra_id.saml_failures import NOT_ASSIGNED, FailedResponse, SamlFailure
from tests.entra_id.saml_responses import form_value
from tests.saml_sso.answering import acme, answer, expectations


def examined(xml: str, **changes: object) -> Examination:
    return examine(form_value(xml), expectations(**changes))


def passed(examination: Examination) -> dict[str, bool | None]:
    return {each.name.value: each.passed for each in examination.outcomes}


def failed(failure: SamlFailure) -> str:
    return str(
        FailedResponse(
            failure=failure,
            issuer=acme().provider.entity_id,
            destination=acme().acs_url,
            in_response_to=acme().request_id,
        )
    )


def test_every_check_is_shown_in_its_order() -> None:
    examination = examined(answer().signed())

    assert [each.name for each in examination.outcomes] == list(CheckName)
    assert all(passed(examination).values())
    assert examination.assertion is not None
    assert examination.refusal is None


def test_several_mistakes_are_shown_at_once() -> None:
    sent = answer(audience="https://other.example", in_response_to="_x")
    examination = examined(sent.signed())

    assert [each.name for each in examination.outcomes if each.passed is False] == [
        CheckName.IN_RESPONSE_TO,
        CheckName.AUDIENCE,
        CheckName.SECOND_OPINION,
    ]
    assert examination.refusal is not None
    assert examination.refusal.reason is Reason.WRONG_IN_RESPONSE_TO
    assert examination.assertion is None


def test_claims_that_nobody_signed_may_be_shown_but_are_no_assertion() -> None:
    examination = examined(answer(signing_option="neither").signed())
    outcomes = passed(examination)

    assert examination.claims is not None
    assert examination.claims.subject.name_id == "bob@acme.example"
    assert examination.assertion is None
    assert outcomes["signature"] is False
    assert outcomes["certificate"] is outcomes["second-opinion"] is None
    assert outcomes["audience"] is True


def test_what_cannot_be_read_leaves_the_rest_unasked() -> None:
    outcomes = passed(examined("<a"))

    assert outcomes.pop("text") is False
    assert set(outcomes.values()) == {None}


def test_claims_whose_times_cannot_be_read_are_not_shown() -> None:
    sent = answer(signing_option="neither").signed()
    start = sent.index("AuthnInstant=")
    examination = examined(sent[:start] + 'AuthnInstant="x' + sent[start + 15 :])
    assert examination.claims is None


@pytest.mark.parametrize(
    ("failure", "detail"),
    [
        (NOT_ASSIGNED, "AADSTS50105"),
        (SamlFailure("AADSTS7500529: a code of seven digits"), "AADSTS7500529"),
        (SamlFailure("<b>AADSTS50011</b>"), "AADSTS50011"),
        (SamlFailure("XAADSTS50011X 12345"), "Requester/RequestDenied"),
        (SamlFailure("no code", "AuthnFailed", "Responder"), "Responder/AuthnFailed"),
        (SamlFailure("", "x" * 200), f"Requester/{'x' * 70}"),
        (SamlFailure("", "a\u202eb"), "Requester/ab"),
    ],
)
def test_a_failure_is_told_by_its_code_and_nothing_else(
    failure: SamlFailure, detail: str
) -> None:
    refusal = examined(failed(failure)).refusal

    assert refusal is not None
    assert refusal.name is CheckName.STATUS
    assert refusal.reason is Reason.STATUS_NOT_SUCCESS
    assert refusal.detail == detail


def test_a_long_name_of_an_element_is_cut_short() -> None:
    strange = answer().signed().replace("<Subject>", f"<Subject><{'x' * 9000}/>")
    refusal = examined(strange).refusal
    assert refusal is not None
    assert refusal.reason is Reason.UNEXPECTED_ELEMENT
    assert len(refusal.detail) < 100
