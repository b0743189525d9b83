"""Signatures with several of what there may be one of, or about something else."""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

INFO = ("<SignedInfo>", "</SignedInfo>")


def messages(target: Target) -> Iterator[HostileMessage]:
    yield from _several(target)
    yield from _about_something_else(target)
    yield from _ambiguous_ids(target)


def _several(target: Target) -> Iterator[HostileMessage]:
    signed = target.answer().signed()
    _, info = cut(signed, *INFO)
    _, reference = cut(signed, "<Reference ", "</Reference>")
    _, signature = cut(signed, "<Signature ", "</Signature>")
    _, value = cut(signed, "<SignatureValue>", "</SignatureValue>")
    _, digest = cut(signed, "<DigestValue>", "</DigestValue>")
    evil = info.replace("<DigestValue>", "<DigestValue>AAAA")
    doubled = {
        "a second SignedInfo": (info, info + evil),
        "a first SignedInfo": (info, evil + info),
        "a second Reference": (reference, reference * 2),
        "a second Signature": (signature, signature * 2),
        "a second SignatureValue": (value, value * 2),
        "a second DigestValue": (digest, digest * 2),
    }
    for name, change in doubled.items():
        yield hostile(name, edited(signed, change), Reason.REPEATED_ELEMENT)
    commented = edited(signed, ("<DigestValue>", "<DigestValue><!--AAAA-->"))
    yield hostile("a comment in the digest", commented, Reason.COMMENTS)
    manifest = "<Object><Manifest/></Object></Signature>"
    with_manifest = edited(signed, ("</Signature>", manifest))
    yield hostile("a manifest", with_manifest, Reason.UNEXPECTED_ELEMENT)
    nested = edited(signed, ("</KeyInfo>", f"{signature}</KeyInfo>"))
    yield hostile("a signature in KeyInfo", nested, Reason.UNEXPECTED_ELEMENT)


def _about_something_else(target: Target) -> Iterator[HostileMessage]:
    sent = target.answer()
    signed = sent.signed()
    uri = f'URI="#{sent.assertion_id}"'
    others = {
        "the whole document": 'URI=""',
        "nothing in particular": "",
        "the response": f'URI="#{sent.response_id}"',
        "an element that is not there": 'URI="#_nowhere"',
        "an address": 'URI="http://evil.example/"',
        "a file": 'URI="file:///etc/hostname"',
        "an XPointer by id": f"URI=\"#xpointer(id('{sent.assertion_id}'))\"",
        "an XPointer to all": 'URI="#xpointer(/)"',
        "a blank before the ID": f'URI="# {sent.assertion_id}"',
    }
    for name, other in others.items():
        changed = edited(signed, (uri, other))
        yield hostile(f"about {name}", changed, Reason.REFERENCE_ELSEWHERE)
    typed = edited(
        signed, (uri, f'{uri} Type="http://www.w3.org/2000/09/xmldsig#Object"')
    )
    yield hostile("a Reference with a type", typed, Reason.UNEXPECTED_ATTRIBUTE)


def _ambiguous_ids(target: Target) -> Iterator[HostileMessage]:
    sent = target.answer()
    signed = sent.signed()
    same = signed.replace(sent.response_id, sent.assertion_id)
    yield hostile("response and assertion of one ID", same, Reason.DUPLICATE_ID)
    info_id = f'<SignedInfo Id="{sent.assertion_id}">'
    shared = edited(signed, ("<SignedInfo>", info_id))
    yield hostile("SignedInfo with the assertion's ID", shared, Reason.DUPLICATE_ID)
    response_id = f'ID="{sent.response_id}"'
    for name, value in {
        "no ID": "",
        "an empty ID": 'ID=""',
        "a blank ID": 'ID="a b"',
    }.items():
        changed = edited(signed, (response_id, value))
        yield hostile(name, changed, Reason.INVALID_ID)
    xml_id = edited(signed, ("<Subject>", f'<Subject xml:id="{sent.assertion_id}">'))
    yield hostile("an xml:id", xml_id, Reason.UNEXPECTED_ATTRIBUTE)
    named = edited(signed, ("<Subject>", f'<Subject ID="{sent.assertion_id}">'))
    yield hostile("an ID where none belongs", named, Reason.UNEXPECTED_ATTRIBUTE)
