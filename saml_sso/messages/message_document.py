"""Turn the text of a form field into an XML tree in which nothing is hidden."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason

LARGEST_FORM_VALUE = 256 * 1024  # characters; Entra's with 150 groups has about 20,000

# Only the declaration may stand between "<?" and "?>", and only with this encoding: the
# library parses the same bytes once more.
_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*["']1\.0["']"""
    r"""(\s+encoding\s*=\s*["'][Uu][Tt][Ff]-8["'])?"""
    r"""(\s+standalone\s*=\s*["'](yes|no)["'])?\s*\?>""",
    re.ASCII,
)
_OTHER_ENCODING = re.compile(r"<\?xml\s[^>]{0,200}encoding\s*=", re.ASCII)
_FORBIDDEN = {
    "<!DOCTYPE": ResponseReason.DOCUMENT_TYPE,
    "<!--": ResponseReason.COMMENTS,
    "<![CDATA[": ResponseReason.CDATA_SECTION,
    "<?": ResponseReason.PROCESSING_INSTRUCTION,
}


@dataclass(frozen=True, slots=True)
class Document:
    """A well-formed document of elements, attributes and text, and nothing else.

    `xml` is UTF-8 without declaration: the very bytes that `root` was parsed from.
    """

    xml: bytes
    root: Element


def decode_document(form_value: str) -> Document:
    """Read the base64 (in one line or wrapped) of a POST binding. Raises InvalidResponse."""
    if len(form_value) > LARGEST_FORM_VALUE:
        raise InvalidResponse(ResponseReason.TOO_LARGE)
    return read_document(decode_base64(form_value))


def read_document(xml: bytes) -> Document:
    """Read the bytes of a message. Raises InvalidResponse."""
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidResponse(ResponseReason.NOT_UTF_8) from None
    content = _without_declaration(text.lstrip(" \t\r\n"))
    for beginning, reason in _FORBIDDEN.items():
        if beginning in content:
            raise InvalidResponse(reason)
    return parse(content.encode())


def parse(xml: bytes) -> Document:
    """Parse UTF-8, whatever else it might claim to be. Raises InvalidResponse."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        return Document(xml, etree.fromstring(xml, parser))
    except etree.XMLSyntaxError:
        raise InvalidResponse(ResponseReason.NOT_XML) from None


def decode_base64(form_value: str) -> bytes:
    """Decode base64 that has one reading only, wrapped or not. Raises InvalidResponse."""
    compact = form_value.replace("\r", "").replace("\n", "")
    try:
        decoded = base64.b64decode(compact, validate=True)
    except ValueError:
        raise InvalidResponse(ResponseReason.NOT_BASE64) from None
    if base64.b64encode(decoded).decode("ascii") != compact:  # stray bits at the end
        raise InvalidResponse(ResponseReason.NOT_BASE64)
    return decoded


def replace_by_text(element: Element, text: str) -> None:
    """Take an element out of its parent, but not the text that follows it."""
    parent, previous = element.getparent(), element.getprevious()
    following = text + (element.tail or "")
    if previous is None:
        parent.text = (parent.text or "") + following
    else:
        previous.tail = (previous.tail or "") + following
    parent.remove(element)


def _without_declaration(text: str) -> str:
    declaration = _DECLARATION.match(text)
    if declaration:
        return text[declaration.end() :]
    if _OTHER_ENCODING.match(text):
        raise InvalidResponse(ResponseReason.NOT_UTF_8)
    return text
