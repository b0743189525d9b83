"""Attributes that can be read in two ways."""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.assertions import OBJECT_ID, TENANT_ID
from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.xml_signatures import sign
from tests.saml_sso.hostile.target import HostileMessage, Target, edited, hostile


def messages(target: Target) -> Iterator[HostileMessage]:
    yield from _twice(target)
    yield from _identities(target)
    yield from _strange(target)


def _twice(target: Target) -> Iterator[HostileMessage]:
    claims = target.answer().claims
    object_id = (OBJECT_ID, (target.victim.object_id,))
    another = (OBJECT_ID, ("00000000-0000-0000-0000-000000000000",))
    orders = {
        "the object id, first another": (another, *claims),
        "the object id, then another": (*claims, another),
        "the object id, the same": (*claims, object_id),
        "the tenant": (*claims, (TENANT_ID, ("another",))),
        "anything": (*claims, ("department", ("a",)), ("department", ("b",))),
    }
    for name, ordered in orders.items():
        twice = target.answer(claims=ordered).signed()
        yield hostile(f"twice {name}", twice, Reason.DUPLICATE_ATTRIBUTE)
    formatted = edited(
        str(target.answer(claims=(*claims, another))),
        (f' Name="{OBJECT_ID}"', f' NameFormat="urn:x" Name="{OBJECT_ID}"'),
    )
    name = "twice, in two name formats"
    yield _signed(target, name, formatted, Reason.DUPLICATE_ATTRIBUTE)
    nameless = target.answer(claims=(*claims, ("", ("x",)))).signed()
    yield hostile("of no name", nameless, Reason.DUPLICATE_ATTRIBUTE)
    missing = edited(str(target.answer()), (f' Name="{OBJECT_ID}"', ""))
    yield _signed(target, "without a name", missing, Reason.DUPLICATE_ATTRIBUTE)


def _identities(target: Target) -> Iterator[HostileMessage]:
    own = target.victim.object_id
    values = {
        "two values": (own, "00000000-0000-0000-0000-000000000000"),
        "the same value twice": (own, own),
        "no value": (),
        "an empty value": ("",),
        "a blank before it": (f" {own}",),
        "an invisible character": (f"{own}\u200b",),
        "far too long": ("0" * 257,),
    }
    for claim, short in ((OBJECT_ID, "object id"), (TENANT_ID, "tenant")):
        for name, chosen in values.items():
            claims = tuple(
                (each, chosen if each == claim else texts)
                for each, texts in target.answer().claims
            )
            sent = target.answer(claims=claims).signed()
            yield hostile(f"{short}: {name}", sent, Reason.BAD_IDENTITY_CLAIM)


def _strange(target: Target) -> Iterator[HostileMessage]:
    unsigned = str(target.answer())
    statement = "<AttributeStatement>"
    encrypted = edited(unsigned, (statement, f"{statement}<EncryptedAttribute/>"))
    yield _signed(target, "encrypted", encrypted, Reason.UNEXPECTED_ELEMENT)
    start, end = unsigned.index(statement), unsigned.index("</AttributeStatement>")
    whole = unsigned[start:end] + "</AttributeStatement>"
    two = edited(unsigned, (whole, whole * 2))
    yield _signed(target, "two statements", two, Reason.REPEATED_ELEMENT)
    none = edited(unsigned, (whole, ""))
    yield _signed(target, "no statement", none, Reason.MISSING_ELEMENT)
    empty = edited(unsigned, (whole, "<AttributeStatement/>"))
    yield _signed(target, "an empty statement", empty, Reason.MISSING_ELEMENT)
    nested = edited(
        unsigned, ("<AttributeValue>", "<AttributeValue><NameID>x</NameID>")
    )
    yield _signed(target, "a NameID as value", nested, Reason.CHILD_ELEMENTS_IN_TEXT)


def _signed(target: Target, name: str, xml: str, reason: Reason) -> HostileMessage:
    return hostile(name, sign(xml, target.provider.key), reason)
