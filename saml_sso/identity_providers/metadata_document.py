"""Turn a stranger's bytes into an XML tree that hides nothing."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from lxml import etree
from lxml.etree import _Element as Element

LARGEST_DOCUMENT = 512 * 1024  # bytes; Entra's has about 40,000

_DECLARED_ENCODING = re.compile(
    r"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""", re.ASCII
)


class DocumentReason(StrEnum):
    """Why a document is not even looked into; a value is never renamed."""

    TOO_LARGE = "document-too-large"
    UNSUPPORTED_ENCODING = "unsupported-encoding"
    DOCUMENT_TYPE = "document-type"
    NOT_XML = "not-xml"


class InvalidDocument(Exception):
    """The bytes are no XML document we read."""

    def __init__(self, reason: DocumentReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def parse_document(xml: bytes) -> Element:
    """Return the root of at most 512 kB of XML without a document type.

    Takes UTF-8 with or without byte order mark (Entra sends one), or UTF-16 that has
    one and declares itself. Comments and processing instructions are gone, and a text
    around them is whole. Raises InvalidDocument.
    """
    if len(xml) > LARGEST_DOCUMENT:
        raise InvalidDocument(DocumentReason.TOO_LARGE)
    text = _decode(xml)
    if "<!DOCTYPE" in text:
        raise InvalidDocument(DocumentReason.DOCUMENT_TYPE)
    return _parse(text)


def _decode(xml: bytes) -> str:
    is_utf_16 = xml.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = xml.decode("utf-16" if is_utf_16 else "utf-8-sig").strip()
    except UnicodeDecodeError:
        raise InvalidDocument(DocumentReason.UNSUPPORTED_ENCODING) from None
    declaration = _DECLARED_ENCODING.match(text)
    declared = declaration[1].lower() if declaration else "utf-8"
    if declared not in ({"utf-16"} if is_utf_16 else {"utf-8", "us-ascii"}):
        raise InvalidDocument(DocumentReason.UNSUPPORTED_ENCODING)
    return text


def _parse(text: str) -> Element:
    # The parser is told the encoding: it reads the very characters that were searched.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,  # by the parser, so that they cannot cut a text in two
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        raise InvalidDocument(DocumentReason.NOT_XML) from None
