"""XML signature wrapping: the signed element is kept somewhere, and another one is read.

The numbers are those of Somorovsky et al., "On Breaking SAML" (2012).
"""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.saml_sso.hostile.missing_signatures import SIGNATURE
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

ASSERTION = ("<Assertion ", "</Assertion>")
EVIL = "ceo@acme.example"
ELEMENT_PLACES = {
    "StatusDetail": ("</samlp:Status>", "<samlp:StatusDetail>{}</samlp:StatusDetail>"),
    "Advice": ("<AttributeStatement>", "<Advice>{}</Advice>"),
    "SubjectConfirmation": ("</SubjectConfirmation>", "{}"),
}


def messages(target: Target) -> Iterator[HostileMessage]:
    yield from _wrapped_responses(target)
    for option in ("assertion", "both"):
        yield from _wrapped_assertions(target, option)
    yield from _hiding_places(target)


def _wrapped_responses(target: Target) -> Iterator[HostileMessage]:
    sent = target.answer(signing_option="response")
    genuine = sent.signed()
    bare, signature = cut(genuine, *SIGNATURE)
    evil = _evil(bare, target).replace(sent.response_id, "_evil")
    inside = edited(signature, ("</Signature>", f"{bare}</Signature>"))
    first = edited(evil, ("<samlp:Status>", f"{inside}<samlp:Status>"))
    yield hostile("XSW1", first, Reason.UNEXPECTED_ELEMENT)
    beside = edited(evil, ("<samlp:Status>", f"{bare}{signature}<samlp:Status>"))
    yield hostile("XSW2", beside, Reason.UNEXPECTED_ELEMENT)


def _wrapped_assertions(target: Target, option: str) -> Iterator[HostileMessage]:
    sent = target.answer(signing_option=option)
    rest, genuine = cut(sent.signed(), *ASSERTION)
    bare, signature = cut(genuine, *SIGNATURE)
    twin = _evil(bare, target)
    evil = twin.replace(sent.assertion_id, "_evil")
    around = edited(signature, ("</Signature>", f"{bare}</Signature>"))
    objected = edited(
        signature, ("</Signature>", f"<Object>{bare}</Object></Signature>")
    )
    contents = {
        "XSW3": evil + genuine,
        "XSW4": edited(evil, ("</Assertion>", f"{genuine}</Assertion>")),
        "XSW5": edited(evil, ("<Subject>", f"{signature}<Subject>")) + bare,
        "XSW6": edited(evil, ("<Subject>", f"{around}<Subject>")),
        "XSW7": f"<samlp:Extensions>{twin}</samlp:Extensions>{genuine}",
        "XSW8": edited(evil, ("<Subject>", f"{objected}<Subject>")),
    }
    for name, content in contents.items():
        wrapped = edited(rest, ("</samlp:Response>", f"{content}</samlp:Response>"))
        is_beside = name in {"XSW3", "XSW5"}
        reason = Reason.REPEATED_ELEMENT if is_beside else Reason.UNEXPECTED_ELEMENT
        yield hostile(f"{name} ({option} signed)", wrapped, reason)


def _hiding_places(target: Target) -> Iterator[HostileMessage]:
    """The genuine assertion hides where few would look, beside an evil one."""
    sent = target.answer()
    rest, genuine = cut(sent.signed(), *ASSERTION)
    bare, _ = cut(genuine, *SIGNATURE)
    evil = _evil(bare, target).replace(sent.assertion_id, "_evil")
    whole = edited(rest, ("</samlp:Response>", f"{evil}</samlp:Response>"))
    for name, (place, pattern) in ELEMENT_PLACES.items():
        hidden = edited(whole, (place, pattern.format(genuine) + place))
        yield hostile(f"signed one in {name}", hidden, Reason.UNEXPECTED_ELEMENT)
    for end in ("</AttributeValue>", "</Issuer>"):
        hidden = edited(whole, (end, genuine + end))
        name = f"signed one before {end}"
        yield hostile(name, hidden, Reason.CHILD_ELEMENTS_IN_TEXT)


def _evil(xml: str, target: Target) -> str:
    return xml.replace(f">{target.victim.mail}</NameID>", f">{EVIL}</NameID>")
