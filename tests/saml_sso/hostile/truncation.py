"""Texts that are cut in two by something in them.

Comments do not touch a signature, so these are messages the trusted key did sign.
"""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.xml_signatures import sign
from tests.saml_sso.hostile.target import HostileMessage, Target, edited, hostile

CUTS = {
    "a comment": ("<!---->", Reason.COMMENTS),
    "a processing instruction": ("<?x?>", Reason.PROCESSING_INSTRUCTION),
    "a CDATA section": ("<![CDATA[]]>", Reason.CDATA_SECTION),
    "an element": ("<x/>", Reason.CHILD_ELEMENTS_IN_TEXT),
    "an undefined entity": ("&x;", Reason.NOT_XML),
    "a null character": ("&#0;", Reason.NOT_XML),
}


def messages(target: Target) -> Iterator[HostileMessage]:
    sent = target.answer(name_id="ceo@acme.example.evil.example")
    signed = sent.signed()
    places = {
        "NameID": ("ceo@acme.example", ".evil.example</NameID>"),
        "AttributeValue": (f"<AttributeValue>{target.victim.object_id[:8]}", "-"),
        "Issuer": (f"<Issuer>{target.provider.entity_id[:-1]}", "/"),
        "Audience": (f"<Audience>{target.entity_id[:-1]}", target.entity_id[-1]),
    }
    for place, (before, after) in places.items():
        for name, (piece, reason) in CUTS.items():
            inserted = (before + after, before + piece + after)
            yield hostile(f"{name} in the {place}", edited(signed, inserted), reason)
    for place, (before, after) in places.items():
        inserted = (before + after, f"{before}<x/>{after}")
        child = sign(edited(str(sent), inserted), target.provider.key)
        name = f"an element in the {place}, signed with it"
        yield hostile(name, child, Reason.CHILD_ELEMENTS_IN_TEXT)
    between = edited(signed, ("<Conditions ", "<!-- x --><Conditions "))
    yield hostile("a comment between elements", between, Reason.COMMENTS)
    after = f"{signed}<!-- x -->"
    yield hostile("a comment after the end", after, Reason.COMMENTS)
