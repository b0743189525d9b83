"""XML signatures as Entra makes them: templates, and the pen that fills them in."""

import base64
from collections.abc import Iterable

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from lxml import etree

DSIG = "http://www.w3.org/2000/09/xmldsig#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DSIG}enveloped-signature"

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def signature_template(
    element_id: str,
    certificate: x509.Certificate,
    *,
    algorithm: str = RSA_SHA256,
    digest: str = SHA256,
    transforms: Iterable[str] = (ENVELOPED, EXCLUSIVE_C14N),
    canonicalization: str = EXCLUSIVE_C14N,
) -> str:
    """Return a signature about the element, without its two values."""
    steps = "".join(f'<Transform Algorithm="{each}"/>' for each in transforms)
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return (
        f'<Signature xmlns="{DSIG}"><SignedInfo>'
        f'<CanonicalizationMethod Algorithm="{canonicalization}"/>'
        f'<SignatureMethod Algorithm="{algorithm}"/>'
        f'<Reference URI="#{element_id}"><Transforms>{steps}</Transforms>'
        f'<DigestMethod Algorithm="{digest}"/><DigestValue></DigestValue></Reference>'
        "</SignedInfo><SignatureValue></SignatureValue><KeyInfo><X509Data>"
        f"<X509Certificate>{der}</X509Certificate></X509Data></KeyInfo></Signature>"
    )


def sign(xml: str, key: SigningKey) -> str:
    """Fill in every signature that has no value yet, the innermost first."""
    root = etree.fromstring(xml.encode())
    xmlsec.tree.add_ids(root, ["ID"])
    signatures = root.xpath("//ds:Signature", namespaces={"ds": DSIG})
    for signature in sorted(signatures, key=_depth, reverse=True):
        value = signature.find(f"{{{DSIG}}}SignatureValue")
        if not value.text:
            _sign(signature, key)
            value.text = "".join(value.text.split())  # Entra writes it in one line
    document: str = etree.tostring(root, encoding="unicode")
    return document


def _depth(element: etree._Element) -> int:
    return sum(1 for _ in element.iterancestors())


def _sign(signature: etree._Element, key: SigningKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
    context.sign(signature)
