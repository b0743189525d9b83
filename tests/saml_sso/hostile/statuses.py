"""Failures, some of which would like to be taken for a success."""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.saml_failures import NOT_ASSIGNED, FailedResponse, SamlFailure
from tests.entra_id.saml_responses import SUCCESS
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

FAILURES = {
    "not assigned": NOT_ASSIGNED,
    "markup in the message": SamlFailure("<script>alert(1)</script> AADSTS50105:"),
    "a long message": SamlFailure("x" * 100_000),
    "success as the second code": SamlFailure("AADSTS50105", "Success"),
}


def messages(target: Target) -> Iterator[HostileMessage]:
    for name, failure in FAILURES.items():
        failed = FailedResponse(
            failure=failure,
            issuer=target.provider.entity_id,
            destination=target.acs_url,
            in_response_to=target.request_id,
        )
        yield hostile(name, str(failed), Reason.STATUS_NOT_SUCCESS)
    signed = target.answer().signed()
    for name, code in {
        "a failure with an assertion": "urn:oasis:names:tc:SAML:2.0:status:Requester",
        "success in small letters": SUCCESS.lower(),
        "success with a blank": f"{SUCCESS} ",
        "no code": "",
    }.items():
        changed = edited(signed, (f'"{SUCCESS}"', f'"{code}"'))
        yield hostile(name, changed, Reason.STATUS_NOT_SUCCESS)
    none, status = cut(signed, "<samlp:Status>", "</samlp:Status>")
    yield hostile("no status", none, Reason.MISSING_ELEMENT)
    twice = edited(signed, (status, status * 2))
    yield hostile("two statuses", twice, Reason.REPEATED_ELEMENT)
    bare, _ = cut(signed, "<Assertion ", "</Assertion>")
    yield hostile("success without an assertion", bare, Reason.MISSING_ELEMENT)
