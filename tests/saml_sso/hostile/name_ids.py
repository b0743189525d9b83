"""Names that look like somebody else's, or like nobody's."""

from __future__ import annotations

from collections.abc import Iterator

from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.saml_responses import EMAIL_ADDRESS
from tests.entra_id.xml_signatures import sign
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

ALTERED = {
    "empty": "",
    "a blank": " ",
    "a blank before": " {}",
    "a blank after": "{} ",
    "a line feed after": "{}\n",
    "a tab inside": "bob\t{}",
    "a line feed inside": "bob\n{}",
    "a no-break space after": "{}\u00a0",
    "an ideographic space inside": "bob\u3000{}",
    "a zero-width space": "{}\u200b",
    "a word joiner": "\u2060{}",
    "a byte order mark": "\ufeff{}",
    "a soft hyphen": "bob\u00ad{}",
    "text from right to left": "\u202e{}",
    "a tag character": "{}\U000e0041",
    "a control character": "{}\x85",
    "a private character": "{}\ue000",
    "an unassigned character": "{}\u0378",
    "a line separator": "{}\u2028",
    "too long": "x" * 257,
}
FORMATS = {
    "transient": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "an entity": "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
    "encrypted": "urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted",
    "a certificate's subject": "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
    "Kerberos": "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos",
    "unknown": "urn:x",
    "in capitals": EMAIL_ADDRESS.upper(),
}


def messages(target: Target) -> Iterator[HostileMessage]:
    for name, pattern in ALTERED.items():
        sent = target.answer(name_id=pattern.format(target.victim.mail))
        yield hostile(name, sent.signed(), Reason.BAD_NAME_ID)
    for name, format_uri in FORMATS.items():
        sent = target.answer(name_id_format=format_uri)
        yield hostile(f"format: {name}", sent.signed(), Reason.BAD_NAME_ID)
    yield from _elements(target)


def _elements(target: Target) -> Iterator[HostileMessage]:
    unsigned = str(target.answer())
    none, ours = cut(unsigned, "<NameID ", "</NameID>")
    others = {
        "none": (none, Reason.MISSING_ELEMENT),
        "two": (edited(unsigned, (ours, ours * 2)), Reason.REPEATED_ELEMENT),
        "a BaseID": (
            edited(unsigned, (ours, "<BaseID/>")),
            Reason.UNEXPECTED_ELEMENT,
        ),
        "an EncryptedID": (
            edited(unsigned, (ours, "<EncryptedID/>")),
            Reason.UNEXPECTED_ELEMENT,
        ),
        "for another service provider": (
            edited(unsigned, ("<NameID ", '<NameID SPNameQualifier="urn:x" ')),
            Reason.BAD_NAME_ID,
        ),
        "with a name of ours for him": (
            edited(unsigned, ("<NameID ", '<NameID SPProvidedID="ceo" ')),
            Reason.UNEXPECTED_ATTRIBUTE,
        ),
    }
    for name, (xml, reason) in others.items():
        yield hostile(name, sign(xml, target.provider.key), reason)
