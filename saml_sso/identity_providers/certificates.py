"""The certificates an identity provider signs with, read from what people paste."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_der_private_key,
)

MOST_CERTIFICATES = 4
LONGEST_TEXT = 64 * 1024  # characters; a real certificate has about 1,200
LARGEST_CERTIFICATE = 10 * 1024  # bytes of DER
SHORTEST_RSA_KEY = 2048  # bits

_BLOCK = re.compile(
    r"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----", re.ASCII
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----", re.ASCII)
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


class CertificateReason(StrEnum):
    """Why a certificate is refused; a stored or translated value is never renamed."""

    NOT_A_CERTIFICATE = "not-a-certificate"
    PRIVATE_KEY_PASTED = "private-key-pasted"
    TOO_LARGE = "too-large"
    TOO_MANY = "too-many"
    MORE_THAN_ONE = "more-than-one"
    UNSUPPORTED_KEY = "unsupported-key"
    KEY_TOO_SHORT = "key-too-short"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"


class KeyKind(StrEnum):
    RSA = "RSA"
    EC = "EC"


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """One X.509 certificate; both instants are aware, in UTC, and inclusive.

    `sha1` is upper-case hexadecimal without separators, as Entra shows the thumbprint;
    `sha256` has the same form. `pem` ends with a line feed.
    """

    pem: str
    subject: str
    sha1: str
    sha256: str
    not_before: datetime
    not_after: datetime
    key_kind: KeyKind
    key_bits: int

    def is_valid_at(self, instant: datetime) -> bool:
        """RFC 5280 §4.1.2.5: the period includes both of its ends."""
        return self.not_before <= instant <= self.not_after

    def has_expired_at(self, instant: datetime) -> bool:
        return self.not_after < instant


class InvalidCertificate(Exception):
    """The text holds no certificate we may store.

    `certificate` is there when it could be read, and carries the facts for a sentence
    (its key's length, its subject); the refused text itself is never part of the error.
    """

    def __init__(
        self, reason: CertificateReason, certificate: SigningCertificate | None = None
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.certificate = certificate


def parse_certificates(text: str) -> tuple[SigningCertificate, ...]:
    """Return one to four different certificates, in the order they were pasted.

    `text` is PEM (Entra's Base64 download, several blocks, notes between them) or the
    bare base64 of metadata, wrapped or not. A certificate repeated counts once.
    Whether they are valid today is the question of whoever stores or uses them.
    Raises InvalidCertificate, never with EXPIRED or NOT_YET_VALID.
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidCertificate(CertificateReason.TOO_LARGE)
    found = {
        certificate.sha256: certificate
        for certificate in map(_read, _base64_blocks(text))
    }
    if len(found) > MOST_CERTIFICATES:
        raise InvalidCertificate(CertificateReason.TOO_MANY)
    return tuple(found.values())


def parse_certificate(text: str) -> SigningCertificate:
    """Return the only certificate of `text`; two are MORE_THAN_ONE.

    Raises InvalidCertificate, as `parse_certificates` does.
    """
    certificate, *others = parse_certificates(text)
    if others:
        raise InvalidCertificate(CertificateReason.MORE_THAN_ONE)
    return certificate


def _base64_blocks(text: str) -> list[str]:
    if _PRIVATE_KEY.search(text):
        raise InvalidCertificate(CertificateReason.PRIVATE_KEY_PASTED)
    if "-----" not in text:
        return [text]
    blocks = _BLOCK.findall(text)
    # RFC 7468 §2 lets notes stand between blocks, but half a block is a mistake.
    if not blocks or "-----" in _BLOCK.sub("", text):
        raise InvalidCertificate(CertificateReason.NOT_A_CERTIFICATE)
    return blocks


def _read(block: str) -> SigningCertificate:
    der = _decode(block)
    if len(der) > LARGEST_CERTIFICATE:
        raise InvalidCertificate(CertificateReason.TOO_LARGE)
    certificate = _describe(_load(der), der)
    if certificate.key_kind is KeyKind.RSA and certificate.key_bits < SHORTEST_RSA_KEY:
        raise InvalidCertificate(CertificateReason.KEY_TOO_SHORT, certificate)
    return certificate


def _decode(block: str) -> bytes:
    # Windows editors begin a text file with a byte order mark.
    compact = "".join(block.lstrip("\ufeff").split())
    try:
        return base64.b64decode(compact, validate=True)
    except ValueError:
        raise InvalidCertificate(CertificateReason.NOT_A_CERTIFICATE) from None


def _load(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        raise InvalidCertificate(_reason_for_something_else(der)) from None


def _reason_for_something_else(der: bytes) -> CertificateReason:
    try:
        load_der_private_key(der, password=None)
    except TypeError:  # it is a private key, and it is encrypted
        return CertificateReason.PRIVATE_KEY_PASTED
    except (ValueError, UnsupportedAlgorithm):
        return CertificateReason.NOT_A_CERTIFICATE
    return CertificateReason.PRIVATE_KEY_PASTED


def _describe(certificate: x509.Certificate, der: bytes) -> SigningCertificate:
    key_kind, key_bits = _key_of(certificate)
    try:
        subject = certificate.subject.rfc4514_string()  # decoded only now
    except ValueError:
        raise InvalidCertificate(CertificateReason.NOT_A_CERTIFICATE) from None
    return SigningCertificate(
        pem=certificate.public_bytes(Encoding.PEM).decode("ascii"),
        subject=subject,
        sha1=hashlib.sha1(der, usedforsecurity=False).hexdigest().upper(),
        sha256=hashlib.sha256(der).hexdigest().upper(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key_kind=key_kind,
        key_bits=key_bits,
    )


def _key_of(certificate: x509.Certificate) -> tuple[KeyKind, int]:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidCertificate(CertificateReason.UNSUPPORTED_KEY) from None
    match key:
        case rsa.RSAPublicKey():
            return KeyKind.RSA, key.key_size
        case ec.EllipticCurvePublicKey() if isinstance(key.curve, _CURVES):
            return KeyKind.EC, key.key_size
    raise InvalidCertificate(CertificateReason.UNSUPPORTED_KEY)
