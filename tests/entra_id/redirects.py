"""Messages in the query of an address, as both sides of the Redirect binding see them."""

import base64
import zlib
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


class UnreadableMessage(Exception):
    """The query holds no message."""


@dataclass(frozen=True)
class Received:
    """A message somebody's browser brought, with the query it came in."""

    root: etree._Element
    relay_state: str
    query: str

    @property
    def is_signed(self) -> bool:
        return "&Signature=" in self.query

    def is_signed_by(self, key: rsa.RSAPublicKey) -> bool:
        """Verify the signature over the query as it was sent; RSA with SHA-256 only."""
        octets, _, signature = self.query.partition("&Signature=")
        if f"SigAlg={quote(RSA_SHA256, safe='')}" not in octets.split("&"):
            return False
        try:
            key.verify(
                base64.b64decode(unquote_plus(signature)),
                octets.encode(),
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        except (InvalidSignature, ValueError):
            return False
        return True


def receive(query: str) -> Received:
    """Read a SAMLRequest or a SAMLResponse. Raises UnreadableMessage."""
    # Entra takes login_hint before the message; it is not part of what is signed.
    start = max(query.find("SAMLRequest="), query.find("SAMLResponse="))
    if start < 0:
        raise UnreadableMessage("There is no SAML message.")
    fields = parse_qs(query[start:])
    encoded = (fields.get("SAMLRequest") or fields["SAMLResponse"])[0]
    try:
        xml = zlib.decompress(base64.b64decode(encoded), wbits=-15)
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False))
    except (ValueError, zlib.error, etree.XMLSyntaxError) as error:
        raise UnreadableMessage(str(error)) from error
    return Received(root, fields.get("RelayState", [""])[0], query[start:])


def signed_query(
    parameter: str, xml: str, key: rsa.RSAPrivateKey, *, relay_state: str = ""
) -> str:
    """Return the query that carries `xml`, signed as Entra signs it."""
    return sign_query(unsigned_query(parameter, deflated(xml), relay_state), key)


def unsigned_query(
    parameter: str, message: bytes, relay_state: str = "", algorithm: str = RSA_SHA256
) -> str:
    query = f"{parameter}={quote(base64.b64encode(message), safe='')}"
    if relay_state:
        query += f"&RelayState={quote(relay_state, safe='')}"
    return f"{query}&SigAlg={quote(algorithm, safe='')}"


def sign_query(octets: str, key: rsa.RSAPrivateKey) -> str:
    signature = key.sign(octets.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{octets}&Signature={quote(base64.b64encode(signature), safe='')}"


def deflated(xml: str) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(xml.encode()) + compressor.flush()
