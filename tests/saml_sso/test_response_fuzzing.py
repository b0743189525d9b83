"""Real messages, damaged in ways nobody thought of.

Each is refused, and nothing else happens; or it still says just what it said.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from saml_sso.messages.assertions import Assertion
from saml_sso.messages.examinations import examine
from saml_sso.messages.message_document import LARGEST_FORM_VALUE
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.responses import read_response
from tests.examples import DEAR
from tests.saml_sso.answering import acme, answer, expectations
from tests.saml_sso.hostile import hostile_messages

TOKENS = [
    b"",
    b"\0",
    b"<",
    b">",
    b'"',
    b"&",
    b"&#0;",
    b"&lt;",
    b"]]>",
    b"<!---->",
    b"<?x?>",
    b"<x/>",
    b"<![CDATA[]]>",
    b"<!DOCTYPE x>",
    b"\xff",
    b"\xef\xbb\xbf",
    b" xmlns='x'",
    b" ID='x'",
    b" Id='x'",
    b"<NameID>ceo@acme.example</NameID>",
    b"</Assertion><Assertion>",
    b"urn:oasis:names:tc:SAML:2.0:assertion",
]
VALUES = [
    "",
    "x",
    "#x",
    "2.0",
    "2126-01-01T00:00:00Z",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    "urn:oasis:names:tc:SAML:2.0:status:Success",
]
SIGNED = ("assertion", "response", "both", "encrypted")


@cache
def real(kind: str) -> str:
    if kind == "encrypted":
        return answer(encryption=acme().encryption()).signed()
    return answer(signing_option=kind).signed()


@cache
def said_by(kind: str) -> Assertion:
    encoded = base64.b64encode(real(kind).encode()).decode()
    return read_response(encoded, expectations(decryption_keys=(acme().pair,)))


def require_refused_or_unchanged(form_value: str, kind: str) -> None:
    expected = expectations(decryption_keys=(acme().pair,))
    examination = examine(form_value, expected)
    if examination.refusal is None:
        assertion, control = read_response(form_value, expected), said_by(kind)
        assert assertion == examination.assertion
        # Of two signatures one is enough, unless the organization wants both.
        assert replace(assertion, signed=control.signed) == control
        return
    with pytest.raises(InvalidResponse) as raised:
        read_response(form_value, expected)
    assert raised.value.reason is examination.refusal.reason
    assert raised.value.reason is not ResponseReason.TOO_OLD  # it proves nothing
    assert len(raised.value.detail) <= 200


def encoded(xml: bytes) -> str:
    return base64.b64encode(xml).decode()


@pytest.mark.parametrize("kind", SIGNED)
@DEAR
@given(data=st.data())
def test_damaged_bytes_are_refused_or_harmless(kind: str, data: st.DataObject) -> None:
    xml = real(kind).encode()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(xml)))
        length = data.draw(st.integers(0, 40))
        piece = data.draw(st.sampled_from(TOKENS) | st.binary(max_size=3))
        xml = xml[:start] + piece + xml[start + length :]

    require_refused_or_unchanged(encoded(xml), kind)


@pytest.mark.parametrize("kind", SIGNED)
@DEAR
@given(data=st.data())
def test_damaged_base64_is_refused_or_harmless(kind: str, data: st.DataObject) -> None:
    text = encoded(real(kind).encode())
    start = data.draw(st.integers(0, len(text)))
    piece = data.draw(st.text(alphabet="AQgw=+/-_ \n\r\tあ%", max_size=4))
    damaged = text[:start] + piece + text[start + data.draw(st.integers(0, 8)) :]

    require_refused_or_unchanged(damaged, kind)


Change = Callable[[etree._Element, etree._Element, str], None]


def duplicate(element: etree._Element, other: etree._Element, _: str) -> None:
    other.append(etree.fromstring(etree.tostring(element)))


def move(element: etree._Element, other: etree._Element, _: str) -> None:
    if element is not other and element not in other.iterancestors():
        other.append(element)


def remove(element: etree._Element, _: etree._Element, __: str) -> None:
    if element.getparent() is not None:
        element.getparent().remove(element)


def rename(element: etree._Element, other: etree._Element, _: str) -> None:
    element.tag = other.tag


def set_text(element: etree._Element, _: etree._Element, value: str) -> None:
    element.text = value


def set_attribute(element: etree._Element, other: etree._Element, value: str) -> None:
    names = list(element.attrib) or list(other.attrib) or ["ID"]
    element.set(names[0], value)


def copy_attributes(element: etree._Element, other: etree._Element, _: str) -> None:
    element.attrib.update(other.attrib)


CHANGES: list[Change] = [
    duplicate,
    move,
    remove,
    rename,
    set_text,
    set_attribute,
    copy_attributes,
]


@pytest.mark.parametrize("kind", SIGNED)
@DEAR
@given(data=st.data())
def test_moved_and_changed_elements_are_refused_or_harmless(
    kind: str, data: st.DataObject
) -> None:
    root = etree.fromstring(real(kind).encode())
    for _ in range(data.draw(st.integers(1, 2))):
        elements = list(root.iter())
        change = data.draw(st.sampled_from(CHANGES))
        element = data.draw(st.sampled_from(elements))
        other = data.draw(st.sampled_from(elements))
        change(element, other, data.draw(st.sampled_from(VALUES)))

    require_refused_or_unchanged(encoded(etree.tostring(root)), kind)


@DEAR
@given(st.text(max_size=200) | st.binary(max_size=200).map(encoded))
def test_any_text_is_refused(form_value: str) -> None:
    with pytest.raises(InvalidResponse):
        read_response(form_value, expectations())


@DEAR
@given(keep=st.integers(0, 20_000))
def test_a_message_cut_short_is_refused(keep: int) -> None:
    xml = real("assertion").encode()
    with pytest.raises(InvalidResponse) as raised:
        read_response(encoded(xml[: keep % len(xml)]), expectations())
    assert raised.value.reason in {ResponseReason.NOT_XML, ResponseReason.NOT_UTF_8}


def test_two_hostile_messages_make_no_good_one() -> None:
    """Each is put where the other one has its assertion."""
    made = [each for group in hostile_messages(acme()).values() for each in group]
    for one, other in zip(made[::7], made[3::7], strict=False):
        try:
            outer = base64.b64decode(one.form_value, validate=True)
            inner = base64.b64decode(other.form_value, validate=True)
        except ValueError:
            continue
        _, start, content = inner.partition(b"<Assertion ")
        end = content.partition(b"</Assertion>")[0]
        spliced = outer.replace(
            b"</samlp:Response>", start + end + b"</samlp:Response>"
        )
        with pytest.raises(InvalidResponse):
            read_response(encoded(spliced), expectations())


@pytest.mark.parametrize(
    "content",
    [
        "<a>" * 60_000,
        "<a/>" * 45_000,
        "<a " + " ".join(f'a{n}=""' for n in range(15_000)) + "/>",
        "<a " + " ".join(f'xmlns:a{n}="u:{n}"' for n in range(8_000)) + "/>",
        "<a>" * 250 + "<b/>" * 40_000 + "</a>" * 250,
        "<a>" + "&#65;" * 35_000 + "</a>",
        "<!--" * 45_000,
        "".join(f'<a{n} a="" ' for n in range(15_000)),
    ],
    ids=range(8),
)
def test_nothing_larger_is_looked_at_and_what_is_smaller_is_refused(
    content: str,
) -> None:
    form_value = encoded(content.encode())
    assert len(form_value) <= LARGEST_FORM_VALUE < len(form_value * 2)

    with pytest.raises(InvalidResponse):
        read_response(form_value, expectations())
    with pytest.raises(InvalidResponse) as raised:
        read_response(form_value * 2, expectations())
    assert raised.value.reason is ResponseReason.TOO_LARGE
