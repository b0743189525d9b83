"""Genuine assertions that answer another request, or none, or are brought by another."""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.saml_responses import BEARER
from tests.entra_id.xml_signatures import sign
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

CONFIRMATION = ("<SubjectConfirmation ", "</SubjectConfirmation>")
OTHER_METHODS = ("holder-of-key", "sender-vouches", "artifact")


def messages(target: Target) -> Iterator[HostileMessage]:
    yield from _other_requests(target)
    yield from _other_confirmations(target)
    yield from _other_service_providers(target)


def _other_requests(target: Target) -> Iterator[HostileMessage]:
    said = f'InResponseTo="{target.request_id}"'
    unsigned = str(target.answer())
    outside, inside = f"{said}><Issuer", f"{said} NotOnOrAfter"
    wrong = Reason.WRONG_IN_RESPONSE_TO
    stolen = target.answer(in_response_to="_somebody-elses-request").signed()
    yield hostile("the answer to another request", stolen, wrong)
    changes = {
        "relabelled outside, as python3-saml would accept": (
            inside,
            inside.replace(target.request_id, "_another"),
        ),
        "solicited by nobody, relabelled outside": (inside, "NotOnOrAfter"),
        "the label outside stripped": (outside, "><Issuer"),
        "another label outside": (outside, 'InResponseTo="_another"><Issuer'),
        "an empty label inside": (inside, 'InResponseTo="" NotOnOrAfter'),
    }
    for name, change in changes.items():
        yield _signed(target, name, edited(unsigned, change), wrong)
    bare = edited(unsigned, (outside, "><Issuer"), (inside, "NotOnOrAfter"))
    yield _signed(target, "solicited by nobody", bare, wrong)
    begun = edited(unsigned, (inside, inside.replace('="_', '="_x')))
    yield _signed(target, "almost our request", begun, wrong)


def _other_confirmations(target: Target) -> Iterator[HostileMessage]:
    unsigned = str(target.answer())
    rest, ours = cut(unsigned, *CONFIRMATION)
    wrong = Reason.WRONG_SUBJECT_CONFIRMATION
    for method in OTHER_METHODS:
        other = BEARER.replace("bearer", method)
        changed = edited(unsigned, (f'"{BEARER}"', f'"{other}"'))
        yield _signed(target, method, changed, wrong)
    no_method = edited(unsigned, (f'Method="{BEARER}"', ""))
    yield _signed(target, "no method", no_method, wrong)
    twice = edited(unsigned, (ours, ours * 2))
    yield _signed(target, "two confirmations", twice, wrong)
    theirs = ours.replace(target.acs_url, "https://evil.example/acs")
    either = edited(unsigned, (ours, theirs + ours))
    yield _signed(target, "one confirmation of two is ours", either, wrong)
    yield _signed(target, "no confirmation", rest, Reason.MISSING_ELEMENT)
    bare = f'<SubjectConfirmation Method="{BEARER}"/>'
    silent = edited(unsigned, (ours, bare))
    # It says nothing, so it does not say our request either.
    yield _signed(target, "a bare confirmation", silent, Reason.WRONG_IN_RESPONSE_TO)


def _other_service_providers(target: Target) -> Iterator[HostileMessage]:
    """An assertion for another application of the same tenant, sent on by its owner."""
    other = "https://other.example"
    meant = target.answer(audience=other, destination=f"{other}/acs")
    relabelled = edited(
        meant.signed(),
        (f'Destination="{other}/acs"', f'Destination="{target.acs_url}"'),
    )
    name = "for another application, with another's request"
    yield hostile(name, meant.signed(), Reason.WRONG_DESTINATION)
    name = "for another application, sent to us"
    yield hostile(name, relabelled, Reason.WRONG_AUDIENCE)


def _signed(target: Target, name: str, xml: str, reason: Reason) -> HostileMessage:
    return hostile(name, sign(xml, target.provider.key), reason)
