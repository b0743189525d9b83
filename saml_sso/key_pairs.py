"""Our own SAML keys, as the settings hold them: one signs, and all decrypt."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from saml_sso.identity_providers.certificates import (
    InvalidCertificate,
    parse_certificate,
)
from saml_sso.messages.expectations import DecryptionKey

SHORTEST_KEY = 2048  # bits
NEW_KEY = 3072  # bits
LIFETIME = timedelta(days=3 * 365)

_PEM = re.compile(
    r"-----BEGIN (?:RSA )?PRIVATE KEY-----([^-]*)-----END (?:RSA )?PRIVATE KEY-----",
    re.ASCII,
)


class InvalidKeyPair(Exception):
    """The two texts are no key of ours with its certificate; says why, never what."""


@lru_cache(maxsize=8)
def parse_key_pair(private_key: str, certificate: str) -> DecryptionKey:
    """Read an unencrypted RSA key and its certificate.

    Each is PEM, or the base64 of it in one line. Raises InvalidKeyPair. Whether the
    certificate is valid today is not asked: identity providers go by the key.
    """
    key = _load(private_key)
    try:
        parsed = parse_certificate(certificate)
    except InvalidCertificate as invalid:
        raise InvalidKeyPair(f"the certificate is refused: {invalid}") from None
    public_key = x509.load_pem_x509_certificate(parsed.pem.encode()).public_key()
    if public_key != key.public_key():
        raise InvalidKeyPair("the certificate belongs to another key")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return DecryptionKey(private_key=pem.decode(), certificate=parsed.pem)


def new_key_pair(name: str, *, now: datetime) -> tuple[str, str]:
    """Make a key and its self-signed certificate, each as base64 in one line."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=NEW_KEY)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LIFETIME)
        .sign(key, hashes.SHA256())
    )
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return _base64(der), _base64(certificate.public_bytes(Encoding.DER))


def _load(private_key: str) -> rsa.RSAPrivateKey:
    block = _PEM.search(private_key)
    compact = "".join((block[1] if block else private_key).split())
    try:
        der = base64.b64decode(compact, validate=True)
        key = load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidKeyPair("no unencrypted private key can be read") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < SHORTEST_KEY:
        raise InvalidKeyPair(f"the key must be RSA of {SHORTEST_KEY} bits or more")
    return key


def _base64(der: bytes) -> str:
    return base64.b64encode(der).decode("ascii")
