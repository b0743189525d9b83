"""Encrypted assertions as Entra makes them ("Configure SAML token encryption")."""

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as asymmetric
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC_11 = "http://www.w3.org/2009/xmlenc11#"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
OAEP = f"{XENC}rsa-oaep-mgf1p"
SHA_1 = f'<DigestMethod xmlns="{DSIG}" Algorithm="{DSIG}sha1"/>'


def _cbc(key: bytes, plaintext: bytes) -> bytes:
    block = padding.ANSIX923(128).padder()
    vector = os.urandom(16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    padded = block.update(plaintext) + block.finalize()
    return vector + encryptor.update(padded) + encryptor.finalize()


def _gcm(key: bytes, plaintext: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, None)


CIPHERS: dict[str, tuple[int, Callable[[bytes, bytes], bytes]]] = {
    f"{XENC}aes128-cbc": (16, _cbc),
    f"{XENC}aes256-cbc": (32, _cbc),
    f"{XENC_11}aes128-gcm": (16, _gcm),
    f"{XENC_11}aes256-gcm": (32, _gcm),
}


@dataclass(frozen=True)
class TokenEncryption:
    """To whom Entra encrypts, and how; its own choice is AES-256 in CBC mode."""

    certificate: x509.Certificate
    algorithm: str = f"{XENC}aes256-cbc"
    key_algorithm: str = OAEP
    key_method: str = SHA_1
    has_key_beside_data: bool = False

    def encrypt(self, plaintext: str) -> str:
        """Return an EncryptedAssertion whose content is `plaintext`."""
        length, cipher = CIPHERS[self.algorithm]
        secret = os.urandom(length)
        key = self._encrypted_key(self._wrap(secret))
        return self.around(key, cipher(secret, plaintext.encode()))

    def around(self, key: str, ciphertext: bytes) -> str:
        """Put an EncryptedKey and a ciphertext together."""
        inside, beside = ("", key) if self.has_key_beside_data else (key, "")
        key_info = f'<KeyInfo xmlns="{DSIG}">{inside}</KeyInfo>' if inside else ""
        return (
            '<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion">'
            f'<xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element">'
            f'<xenc:EncryptionMethod Algorithm="{self.algorithm}"/>{key_info}'
            f"{_cipher_data('xenc', ciphertext)}</xenc:EncryptedData>{beside}"
            "</EncryptedAssertion>"
        )

    def _wrap(self, secret: bytes) -> bytes:
        public_key = self.certificate.public_key()
        if not isinstance(public_key, rsa.RSAPublicKey):
            raise TypeError("Entra encrypts to RSA keys only.")
        hash_name = hashes.SHA256() if "sha256" in self.key_method else hashes.SHA1()
        mask = asymmetric.MGF1(
            hashes.SHA256() if "mgf1sha256" in self.key_method else hashes.SHA1()
        )
        oaep = asymmetric.OAEP(mgf=mask, algorithm=hash_name, label=None)
        return public_key.encrypt(secret, oaep)

    def _encrypted_key(self, wrapped: bytes) -> str:
        issuer = self.certificate.issuer.rfc4514_string()
        return (
            f'<e:EncryptedKey xmlns:e="{XENC}">'
            f'<e:EncryptionMethod Algorithm="{self.key_algorithm}">{self.key_method}'
            f'</e:EncryptionMethod><KeyInfo xmlns="{DSIG}"><X509Data>'
            f"<X509IssuerSerial><X509IssuerName>{issuer}</X509IssuerName>"
            f"<X509SerialNumber>{self.certificate.serial_number}</X509SerialNumber>"
            "</X509IssuerSerial></X509Data></KeyInfo>"
            f"{_cipher_data('e', wrapped)}</e:EncryptedKey>"
        )


def _cipher_data(prefix: str, value: bytes) -> str:
    encoded = base64.b64encode(value).decode()
    return (
        f"<{prefix}:CipherData><{prefix}:CipherValue>{encoded}</{prefix}:CipherValue>"
        f"</{prefix}:CipherData>"
    )
