"""No signature, a stripped one, or one that was made for something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

SIGNATURE = ("<Signature ", "</Signature>")


def messages(target: Target) -> Iterator[HostileMessage]:
    yield from _stripped(target)
    yield from _damaged(target)
    yield from _from_elsewhere(target)


def _stripped(target: Target) -> Iterator[HostileMessage]:
    unsigned = target.answer(signing_option="neither").signed()
    yield hostile("nobody signed", unsigned, Reason.SIGNATURE_MISSING)
    for option in ("assertion", "response"):
        stripped, _ = cut(target.answer(signing_option=option).signed(), *SIGNATURE)
        yield hostile(f"{option} stripped", stripped, Reason.SIGNATURE_MISSING)
    both = target.answer(signing_option="both").signed()
    stripped, _ = cut(cut(both, *SIGNATURE)[0], *SIGNATURE)
    yield hostile("both stripped", stripped, Reason.SIGNATURE_MISSING)
    response_stripped = hostile(
        "response stripped where one is wanted",
        cut(both, *SIGNATURE)[0],
        Reason.SIGNATURE_MISSING,
    )
    yield replace(response_stripped, changes={"require_signed_response": True})


def _damaged(target: Target) -> Iterator[HostileMessage]:
    signed = target.answer().signed()
    _, value = cut(signed, "<SignatureValue>", "</SignatureValue>")
    _, info = cut(signed, "<SignedInfo>", "</SignedInfo>")
    empty = edited(signed, (value, "<SignatureValue></SignatureValue>"))
    yield hostile("empty value", empty, Reason.SIGNATURE_INVALID)
    garbage = edited(signed, (value, "<SignatureValue>%%%</SignatureValue>"))
    yield hostile("value that is no base64", garbage, Reason.SIGNATURE_INVALID)
    short = edited(signed, (value, "<SignatureValue>AAAA</SignatureValue>"))
    yield hostile("value too short", short, Reason.SIGNATURE_INVALID)
    yield hostile("no value", edited(signed, (value, "")), Reason.MISSING_ELEMENT)
    yield hostile("no SignedInfo", edited(signed, (info, "")), Reason.MISSING_ELEMENT)


def _from_elsewhere(target: Target) -> Iterator[HostileMessage]:
    ours, other = target.answer(), target.answer(name_id="other@acme.example")
    bare, own = cut(ours.signed(), *SIGNATURE)
    _, foreign = cut(other.signed(), *SIGNATURE)
    place = "</Issuer><Subject>"
    moved = edited(bare, (place, f"</Issuer>{foreign}<Subject>"))
    yield hostile("of another assertion", moved, Reason.REFERENCE_ELSEWHERE)
    relabelled = moved.replace(ours.assertion_id, other.assertion_id)
    yield hostile("of another, relabelled", relabelled, Reason.SIGNATURE_INVALID)
    detached = edited(bare, ("<samlp:Status>", f"{own}<samlp:Status>"))
    yield hostile("at the response", detached, Reason.REFERENCE_ELSEWHERE)
