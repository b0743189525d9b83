"""Document types, entities, bombs, and encodings that two parsers read in two ways."""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.saml_sso.hostile.target import HostileMessage, Target, edited, hostile

LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">'
    for n in range(10)
)
DOCUMENT_TYPES = {
    "empty": "<!DOCTYPE x>",
    "an entity": '<!DOCTYPE x [<!ENTITY a "ceo@acme.example">]>',
    "a file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    "an address": '<!DOCTYPE x SYSTEM "http://evil.example/x.dtd">',
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://evil.example/">%p;]>',
    "a billion laughs": f"<!DOCTYPE x [{LAUGHS}]>",
    "a quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>',
    "a default attribute": '<!DOCTYPE x [<!ATTLIST NameID Format CDATA "y">]>',
    "an ID attribute": "<!DOCTYPE x [<!ATTLIST Subject Name ID #IMPLIED>]>",
    "behind a comment": "<!-- x --><!DOCTYPE x>",
}


def messages(target: Target) -> Iterator[HostileMessage]:
    signed = target.answer().signed()
    for name, beginning in DOCUMENT_TYPES.items():
        yield hostile(name, beginning + signed, Reason.DOCUMENT_TYPE)
    yield hostile("in small letters", f"<!doctype x>{signed}", Reason.NOT_XML)
    yield hostile("an entity alone", f'<!ENTITY a "b">{signed}', Reason.NOT_XML)
    yield hostile("depth", "<a>" * 20_000 + "</a>" * 20_000, Reason.NOT_XML)
    many = " ".join(f'a{n}="{n}"' for n in range(10_000))
    attributes = edited(signed, ("<samlp:Response ", f"<samlp:Response {many} "))
    yield hostile("ten thousand attributes", attributes, Reason.UNEXPECTED_ATTRIBUTE)
    include = (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>'
    )
    included = edited(signed, ("<Conditions ", f"{include}<Conditions "))
    yield hostile("an inclusion", included, Reason.UNEXPECTED_ELEMENT)
    sheet = '<?xml-stylesheet href="http://evil.example/"?>'
    yield hostile("a style sheet", sheet + signed, Reason.PROCESSING_INSTRUCTION)
    yield from _encodings(signed)


def _encodings(signed: str) -> Iterator[HostileMessage]:
    for encoding in ("utf-7", "utf-16", "iso-8859-1", "ebcdic-cp-us", "shift_jis"):
        declared = f'<?xml version="1.0" encoding="{encoding}"?>{signed}'
        yield hostile(f"declared as {encoding}", declared, Reason.NOT_UTF_8)
    yield hostile("in UTF-16", signed.encode("utf-16"), Reason.NOT_UTF_8)
    little = signed.encode("ascii", "xmlcharrefreplace").decode().encode("utf-16-le")
    yield hostile("in UTF-16 without a mark", little, Reason.NOT_XML)
    overlong = signed.encode().replace(b"<Subject>", b"\xc0\xbcSubject>")
    yield hostile("an overlong bracket", overlong, Reason.NOT_UTF_8)
    surrogate = signed.encode().replace(b"</NameID>", b"\xed\xa0\x80</NameID>")
    yield hostile("a lone surrogate", surrogate, Reason.NOT_UTF_8)
    version = f'<?xml version="1.1"?>{signed}'
    yield hostile("XML 1.1", version, Reason.PROCESSING_INSTRUCTION)
