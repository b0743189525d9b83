"""The elements of metadata, by name and with the whole of their text."""

from __future__ import annotations

from lxml.etree import _Element as Element

from saml_sso.identity_providers.metadata_reasons import InvalidMetadata, MetadataReason

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


def text_of(element: Element) -> str:
    """All of the text, or none: a child element would cut it. Raises InvalidMetadata."""
    if len(element):
        raise InvalidMetadata(MetadataReason.AMBIGUOUS_CONTENT)
    return element.text or ""
