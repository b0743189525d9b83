"""Verify the XML signatures of a response, and keep only what they are about."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element
from onelogin.saml2.utils import OneLogin_Saml2_Utils as Library

from saml_sso.identity_providers.certificates import SigningCertificate
from saml_sso.messages.message_document import Document, parse, replace_by_text
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.structure import MOST_PREFIXES, signature_of
from saml_sso.messages.xml_names import DS, EC, EXCLUSIVE_C14N, SAML, local_name

ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SIGNATURE_METHODS = frozenset(
    {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
    }
)
DIGEST_METHODS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}

_SIGNED_INFO = f"{DS}SignedInfo"
_REFERENCE = f"{DS}SignedInfo/{DS}Reference"


@dataclass(frozen=True, slots=True)
class SignedContent:
    """The canonical bytes that a signature is about, parsed anew; and whose it is."""

    element: Element
    certificate: SigningCertificate


def require_allowed_signature(element: Element) -> None:
    """Look at the signature of a response or an assertion before any key is used.

    It must be about its own parent, by exclusive canonicalisation, with SHA-2. Raises
    InvalidResponse, also if there is none.
    """
    signature = signature_of(element)
    if signature is None:
        reason = ResponseReason.SIGNATURE_MISSING
        raise InvalidResponse(reason, local_name(element))
    if signature.find(_REFERENCE).get("URI") != f"#{element.get('ID')}":
        raise InvalidResponse(ResponseReason.REFERENCE_ELSEWHERE, local_name(element))
    for tag, allowed in _ALLOWED:
        algorithm = signature.find(tag).get("Algorithm", "")
        if algorithm not in allowed:
            raise InvalidResponse(ResponseReason.ALGORITHM_NOT_ALLOWED, algorithm[:80])
    _require_allowed_transforms(signature)


def verify_response(
    document: Document, certificates: tuple[SigningCertificate, ...]
) -> SignedContent:
    """Verify the signature of the response as a whole. Raises InvalidResponse."""
    path = Library.RESPONSE_SIGNATURE_XPATH
    return _verify(document, document.root.tag, path, certificates)


def verify_assertion(
    document: Document, certificates: tuple[SigningCertificate, ...]
) -> SignedContent:
    """Verify the signature of the only assertion. Raises InvalidResponse."""
    path = Library.ASSERTION_SIGNATURE_XPATH
    return _verify(document, f"{SAML}Assertion", path, certificates)


def _require_allowed_transforms(signature: Element) -> None:
    found = [
        transform.get("Algorithm", "")
        for transform in signature.iterfind(
            f"{_REFERENCE}/{DS}Transforms/{DS}Transform"
        )
    ]
    if found != [ENVELOPED, EXCLUSIVE_C14N]:
        reason = ResponseReason.TRANSFORM_NOT_ALLOWED
        raise InvalidResponse(reason, " ".join(found)[:160])
    for inclusive in signature.iter(f"{EC}InclusiveNamespaces"):
        if len(inclusive.get("PrefixList", "").split()) > MOST_PREFIXES:
            raise InvalidResponse(ResponseReason.TRANSFORM_NOT_ALLOWED, "PrefixList")


def _verify(
    document: Document,
    tag: str,
    path: str,
    certificates: tuple[SigningCertificate, ...],
) -> SignedContent:
    for certificate in certificates:
        if Library.validate_sign(document.root, cert=certificate.pem, xpath=path):
            return SignedContent(_signed_element(document, tag), certificate)
    raise InvalidResponse(ResponseReason.SIGNATURE_INVALID)


def _signed_element(document: Document, tag: str) -> Element:
    """Return the signed element as its canonical bytes say it, without its signature.

    That the verified digest is theirs is computed here once more: what is read from now
    on is what was signed, however the library found it.
    """
    [element] = [
        each for each in _signable(parse(document.xml).root) if each.tag == tag
    ]
    signature = element.find(f"{DS}Signature")
    reference = signature.find(_REFERENCE)
    replace_by_text(signature, "")
    canonical: bytes = etree.tostring(
        element,
        method="c14n",
        exclusive=True,
        with_comments=False,
        inclusive_ns_prefixes=_inclusive_prefixes(reference),
    )
    if not hmac.compare_digest(_digest(canonical, reference), _said_digest(reference)):
        raise InvalidResponse(ResponseReason.SIGNATURE_INVALID)
    return parse(canonical).root


def _signable(response: Element) -> Iterator[Element]:
    yield response
    yield from response.iterchildren(f"{SAML}Assertion")


def _inclusive_prefixes(reference: Element) -> list[str]:
    listed = reference.find(f"{DS}Transforms/{DS}Transform[2]/{EC}InclusiveNamespaces")
    return [] if listed is None else listed.get("PrefixList", "").split()


def _digest(canonical: bytes, reference: Element) -> bytes:
    method = reference.find(f"{DS}DigestMethod").get("Algorithm")
    return hashlib.new(DIGEST_METHODS[method], canonical).digest()


def _said_digest(reference: Element) -> bytes:
    try:
        return base64.b64decode(reference.find(f"{DS}DigestValue").text or "")
    except ValueError:
        raise InvalidResponse(ResponseReason.SIGNATURE_INVALID) from None


_ALLOWED = (
    (f"{_SIGNED_INFO}/{DS}CanonicalizationMethod", frozenset({EXCLUSIVE_C14N})),
    (f"{_SIGNED_INFO}/{DS}SignatureMethod", SIGNATURE_METHODS),
    (f"{_REFERENCE}/{DS}DigestMethod", frozenset(DIGEST_METHODS)),
)
