"""What is too large, no base64, no response, or a response with more in it than belongs."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator

from saml_sso.messages.message_document import LARGEST_FORM_VALUE
from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.saml_sso.hostile.target import HostileMessage, Target, edited, hostile

SAMLP = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
SAML_1 = "urn:oasis:names:tc:SAML:1.0:protocol"
ELEMENTS = {
    "Extensions": ("<samlp:Status>", "<samlp:Extensions/>"),
    "StatusDetail": ("</samlp:Status>", "<samlp:StatusDetail/>"),
    "Advice": ("<AttributeStatement>", "<Advice/>"),
    "a decision": ("<AuthnStatement ", "<AuthzDecisionStatement/>"),
    "a condition": ("<AudienceRestriction>", "<Condition/>"),
    "a proxy": ("<AudienceRestriction>", "<ProxyRestriction/>"),
    "an element of nobody": ("</Subject>", '<x:y xmlns:x="urn:x"/>'),
}
ATTRIBUTES = {
    "a schema's address": 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="urn:x http://evil.example/x.xsd"',
    "xml:base": 'xml:base="http://evil.example/"',
    "xml:space": 'xml:space="preserve"',
    "a wish": 'AssertionConsumerServiceURL="x"',
}


def messages(target: Target) -> Iterator[HostileMessage]:
    signed = target.answer().signed()
    yield from _encoded_badly(signed)
    yield from _no_responses(signed)
    bare = f"<samlp:Response {SAMLP}/>"
    yield hostile("a bare response", bare, Reason.MISSING_ELEMENT)
    deflated = zlib.compress(signed.encode())[2:-4]
    yield hostile("deflated", deflated, Reason.NOT_UTF_8)
    yield from _more_than_belongs(signed)
    yield from _versions(target, signed)


def _encoded_badly(signed: str) -> Iterator[HostileMessage]:
    good = base64.b64encode(signed.encode()).decode()
    form_values = {
        "empty": ("", Reason.NOT_XML),
        "XML itself": (signed, Reason.NOT_BASE64),
        "blanks inside": (f"{good[:76]} {good[76:]}", Reason.NOT_BASE64),
        "a tab inside": (f"{good[:76]}\t{good[76:]}", Reason.NOT_BASE64),
        "one character missing": (
            good[:-1] if good[-1] != "=" else good[1:],
            Reason.NOT_BASE64,
        ),
        "text after the end": (f"{good}====x", Reason.NOT_BASE64),
        "the alphabet of addresses": (f"{good[:-4]}_-_-", Reason.NOT_BASE64),
        "stray bits": ("PGE+PC9hPo==".replace("o==", "p=="), Reason.NOT_BASE64),
        "full-width letters": (f"Ａ{good[1:]}", Reason.NOT_BASE64),
        "a null character": (f"{good[:8]}\0{good[8:]}", Reason.NOT_BASE64),
        "twice": (base64.b64encode(good.encode()).decode(), Reason.NOT_XML),
        "too large": ("A" * (LARGEST_FORM_VALUE + 1), Reason.TOO_LARGE),
        "too large, of line feeds": ("\n" * (LARGEST_FORM_VALUE + 1), Reason.TOO_LARGE),
    }
    for name, (form_value, reason) in form_values.items():
        yield HostileMessage(f"base64: {name}", form_value, reason)


def _no_responses(signed: str) -> Iterator[HostileMessage]:
    not_xml = {
        "nothing": " ",
        "JSON": "{}",
        "cut short": signed[:-20],
        "two roots": signed * 2,
        "text after the end": f"{signed}x",
        "a null character": f"{signed}\0",
        "an undeclared prefix": signed.replace("<samlp:Status>", "<x:Status>", 1),
    }
    others = {
        "HTML": "<html></html>",
        "a SOAP envelope": f'<s:Envelope xmlns:s="urn:s">{signed}</s:Envelope>',
        "the assertion alone": f"<Assertion {signed.partition('<Assertion ')[2][:-17]}",
        "a request": f"<samlp:AuthnRequest {SAMLP}/>",
        "a logout response": f"<samlp:LogoutResponse {SAMLP}/>",
        "SAML 1": f'<Response xmlns="{SAML_1}"/>',
        "no namespace": "<Response/>",
    }
    for reason, contents in {
        Reason.NOT_XML: not_xml,
        Reason.NOT_A_RESPONSE: others,
    }.items():
        for name, content in contents.items():
            yield hostile(name, content, reason)


def _more_than_belongs(signed: str) -> Iterator[HostileMessage]:
    for name, (place, element) in ELEMENTS.items():
        more = edited(signed, (place, element + place))
        yield hostile(name, more, Reason.UNEXPECTED_ELEMENT)
    for name, attribute in ATTRIBUTES.items():
        more = edited(signed, ("<samlp:Response ", f"<samlp:Response {attribute} "))
        yield hostile(name, more, Reason.UNEXPECTED_ATTRIBUTE)
    for place in ("<samlp:Status>", "<Conditions ", "<Subject>", "</Subject>"):
        text = edited(signed, (place, f"x{place}"))
        yield hostile(f"text before {place}", text, Reason.UNEXPECTED_TEXT)


def _versions(target: Target, signed: str) -> Iterator[HostileMessage]:
    for version in ("", "1.1", "2.1", "2"):
        response = edited(signed, ('Version="2.0"', f'Version="{version}"'))
        name = f"a response of version {version or 'none'}"
        yield hostile(name, response, Reason.UNSUPPORTED_VERSION)
    unsigned = edited(target.answer().assertion, ('Version="2.0"', 'Version="1.1"'))
    old = target.answer().around(unsigned)
    yield hostile("an assertion of version 1.1", old, Reason.UNSUPPORTED_VERSION)
    order = target.answer().signed().replace('"</Status>"', "")
    status = order[order.index("<samlp:Status>") : order.index("</samlp:Status>") + 15]
    late = edited(
        order, (status, ""), ("</samlp:Response>", f"{status}</samlp:Response>")
    )
    yield hostile("the status at the end", late, Reason.REFUSED_BY_LIBRARY)
