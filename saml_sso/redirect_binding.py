"""Send a message in the query of an address (SAML Bindings §3.4)."""

from __future__ import annotations

import base64
import zlib
from urllib.parse import quote_plus

from onelogin.saml2.utils import OneLogin_Saml2_Utils as Library

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def redirect_url(
    address: str,
    parameter: str,
    xml: bytes,
    *,
    relay_state: str,
    signing_key: str | None,
) -> str:
    """Return where to send the browser with `xml`.

    `parameter` is SAMLRequest or SAMLResponse; `address` may have a query of its own.
    `signing_key` is PEM, and None leaves the message unsigned. An empty `relay_state` is
    not sent.
    """
    query = f"{parameter}={quote_plus(_deflated(xml))}"
    if relay_state:
        query += f"&RelayState={quote_plus(relay_state)}"
    if signing_key:
        query += f"&SigAlg={quote_plus(RSA_SHA256)}"
        signature: bytes = Library.sign_binary(query, signing_key)
        query += f"&Signature={quote_plus(base64.b64encode(signature))}"
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _deflated(xml: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return base64.b64encode(compressor.compress(xml) + compressor.flush())
