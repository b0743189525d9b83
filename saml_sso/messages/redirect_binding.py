"""Send and receive messages in the query of an address (SAML Bindings §3.4)."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote_plus, unquote_plus

from onelogin.saml2.utils import OneLogin_Saml2_Utils as Library

from saml_sso.identity_providers.certificates import SigningCertificate
from saml_sso.messages.message_document import Document, decode_base64, read_document
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason

LONGEST_QUERY = 32 * 1024  # characters; browsers and servers give up earlier
LARGEST_MESSAGE = 64 * 1024  # bytes once inflated; Entra's have about 1,000

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SIGNATURE_ALGORITHMS = frozenset(
    {
        RSA_SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    }
)

Parameter = Literal["SAMLRequest", "SAMLResponse"]


@dataclass(frozen=True, slots=True)
class SignedQuery:
    """A message whose signature holds, what came with it, and whose it is."""

    document: Document
    relay_state: str
    certificate: SigningCertificate


def redirect_url(
    address: str,
    parameter: Parameter,
    xml: bytes,
    *,
    relay_state: str,
    signing_key: str | None,
) -> str:
    """Return where to send the browser with `xml`.

    `address` may have a query of its own. `signing_key` is PEM, and None leaves the
    message unsigned. An empty `relay_state` is not sent.
    """
    query = f"{parameter}={quote_plus(_deflated(xml))}"
    if relay_state:
        query += f"&RelayState={quote_plus(relay_state)}"
    if signing_key:
        query += f"&SigAlg={quote_plus(RSA_SHA256)}"
        signature: bytes = Library.sign_binary(query, signing_key)
        query += f"&Signature={quote_plus(base64.b64encode(signature))}"
    return f"{address}{'&' if '?' in address else '?'}{query}"


def read_signed_query(
    query: str,
    parameter: Parameter,
    trusted: tuple[SigningCertificate, ...],
    now: datetime,
) -> SignedQuery:
    """Read a message that must be signed, by the query exactly as it was sent.

    It is inflated only once a certificate valid at `now` has verified it, and then to
    64 kB at most. Raises InvalidResponse.
    """
    if len(query) > LONGEST_QUERY:
        raise InvalidResponse(ResponseReason.TOO_LARGE)
    sent = _parameters(query, parameter)
    certificate = _verified(sent, parameter, trusted)
    if certificate.has_expired_at(now):
        raise InvalidResponse(ResponseReason.CERTIFICATE_EXPIRED)
    if not certificate.is_valid_at(now):
        raise InvalidResponse(ResponseReason.CERTIFICATE_NOT_YET_VALID)
    document = read_document(_inflated(unquote_plus(sent[parameter])))
    relay_state = unquote_plus(sent.get("RelayState", ""))
    return SignedQuery(document, relay_state, certificate)


def _parameters(query: str, parameter: Parameter) -> dict[str, str]:
    """Return the values still encoded; nothing else, and nothing twice, is allowed."""
    if not query.isascii():
        raise InvalidResponse(ResponseReason.WRONG_QUERY)
    known = {parameter, "RelayState", "SigAlg", "Signature"}
    pairs = [each.partition("=")[::2] for each in query.split("&")]
    sent = dict(pairs)
    if len(sent) != len(pairs) or not set(sent) <= known or parameter not in sent:
        raise InvalidResponse(ResponseReason.WRONG_QUERY)
    return sent


def _verified(
    sent: Mapping[str, str],
    parameter: Parameter,
    trusted: tuple[SigningCertificate, ...],
) -> SigningCertificate:
    algorithm = unquote_plus(sent.get("SigAlg", ""))
    if "Signature" not in sent:
        raise InvalidResponse(ResponseReason.SIGNATURE_MISSING)
    if algorithm not in SIGNATURE_ALGORITHMS:
        raise InvalidResponse(ResponseReason.ALGORITHM_NOT_ALLOWED, algorithm[:80])
    # §3.4.4.1: in this order, each as it was encoded by its sender.
    order = (parameter, "RelayState", "SigAlg")
    octets = "&".join(f"{name}={sent[name]}" for name in order if name in sent)
    signature = decode_base64(unquote_plus(sent["Signature"]))
    for certificate in trusted:
        if Library.validate_binary_sign(octets, signature, certificate.pem, algorithm):
            return certificate
    raise InvalidResponse(ResponseReason.SIGNATURE_INVALID)


def _deflated(xml: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return base64.b64encode(compressor.compress(xml) + compressor.flush())


def _inflated(encoded: str) -> bytes:
    inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        xml = inflater.decompress(decode_base64(encoded), LARGEST_MESSAGE)
    except zlib.error:
        raise InvalidResponse(ResponseReason.NOT_DEFLATED) from None
    if inflater.unconsumed_tail:
        raise InvalidResponse(ResponseReason.TOO_LARGE)
    if not inflater.eof or inflater.unused_data:
        raise InvalidResponse(ResponseReason.NOT_DEFLATED)
    return xml
