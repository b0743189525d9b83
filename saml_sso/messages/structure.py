"""Find the parts of a response, once it is known to consist of nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from saml_sso.messages.message_document import Document
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.response_shapes import RESPONSE
from saml_sso.messages.shapes import Shape
from saml_sso.messages.xml_names import DS, SAML, SAMLP, local_name

MOST_PREFIXES = 32  # Entra's have two, others up to ten

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:.", re.ASCII)
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,255}", re.ASCII)
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Message:
    """A response of the allowed shape; at most one of the two assertions is there."""

    document: Document
    assertion: Element | None
    encrypted_assertion: Element | None

    @property
    def response(self) -> Element:
        return self.document.root


def read_message(document: Document) -> Message:
    """Hold the document against the allowed shape. Raises InvalidResponse."""
    require_shape(document, f"{SAMLP}Response", RESPONSE)
    assertion = document.root.find(f"{SAML}Assertion")
    encrypted_assertion = document.root.find(f"{SAML}EncryptedAssertion")
    if assertion is not None and encrypted_assertion is not None:
        raise InvalidResponse(ResponseReason.REPEATED_ELEMENT, "Assertion")
    return Message(document, assertion, encrypted_assertion)


def require_shape(document: Document, tag: str, shape: Shape) -> None:
    """Hold any message against the shape of what it must be. Raises InvalidResponse."""
    if document.root.tag != tag:
        reason = ResponseReason.NOT_A_RESPONSE
        raise InvalidResponse(reason, local_name(document.root))
    _require_sound_namespaces(document.root)
    _require_shape(document.root, shape)
    _require_ids(document.root)


def signature_of(element: Element) -> Element | None:
    """Return the signature that is about `element` itself."""
    return element.find(f"{DS}Signature")


def _require_sound_namespaces(root: Element) -> None:
    """Refuse `xmlns="x"`: some canonicalise it into nothing at all ("void").

    And refuse many prefixes: to canonicalise, each is looked up at each element.
    """
    prefixes = set()
    for _, (prefix, uri) in etree.iterwalk(root, events=("start-ns",)):
        prefixes.add(prefix)
        if not _ABSOLUTE.match(uri):
            raise InvalidResponse(ResponseReason.RELATIVE_NAMESPACE)
        if len(prefixes) > MOST_PREFIXES:
            raise InvalidResponse(ResponseReason.TOO_MANY_NAMESPACES)


def _require_shape(element: Element, shape: Shape) -> None:
    for name in element.attrib:
        if name not in shape.attributes:
            reason = ResponseReason.UNEXPECTED_ATTRIBUTE
            raise InvalidResponse(reason, f"{local_name(element)}/@{name[:40]}")
    if shape.is_text:
        if len(element):
            reason = ResponseReason.CHILD_ELEMENTS_IN_TEXT
            raise InvalidResponse(reason, local_name(element))
        return
    if any(text.strip(_SPACE) for text in _texts_between_children(element)):
        raise InvalidResponse(ResponseReason.UNEXPECTED_TEXT, local_name(element))
    _require_children(element, shape)


def _texts_between_children(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield child.tail or ""


def _require_children(element: Element, shape: Shape) -> None:
    for child in element:
        if child.tag not in shape.children:
            reason = ResponseReason.UNEXPECTED_ELEMENT
            raise InvalidResponse(reason, f"{local_name(element)}/{local_name(child)}")
    counts = Counter(child.tag for child in element)
    for tag, child in shape.children.items():
        if counts[tag] < child.least:
            raise InvalidResponse(ResponseReason.MISSING_ELEMENT, _name(tag))
        if child.most is not None and counts[tag] > child.most:
            raise InvalidResponse(ResponseReason.REPEATED_ELEMENT, _name(tag))
    for child in element:
        _require_shape(child, shape.children[child.tag].shape)


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _require_ids(root: Element) -> None:
    """Two elements of one ID are how a signature comes to be about another element."""
    seen = set()
    for element in root.iter():
        for name in ("ID", "Id"):
            identifier = element.get(name)
            if identifier in seen:
                raise InvalidResponse(ResponseReason.DUPLICATE_ID)
            if identifier is not None:
                seen.add(identifier)
    for element in (root, *root.iterchildren(f"{SAML}Assertion")):
        if not _ID.fullmatch(element.get("ID", "")):
            raise InvalidResponse(ResponseReason.INVALID_ID, local_name(element))
        if element.get("Version") != "2.0":
            reason = ResponseReason.UNSUPPORTED_VERSION
            raise InvalidResponse(reason, local_name(element))
