"""Decrypt an assertion, and put it into its response as if it had come in the open.

The plaintext takes the ciphertext's place in the serialised response, which is then read
from the start: python3-saml would rewrite Entra's default namespace and so break the
signature within.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from lxml.etree import _Element as Element

from saml_sso.messages.expectations import DecryptionKey
from saml_sso.messages.message_document import (
    Document,
    parse,
    read_document,
    replace_by_text,
)
from saml_sso.messages.response_reasons import InvalidResponse, ResponseReason
from saml_sso.messages.structure import Message, read_message, signature_of
from saml_sso.messages.xml_names import DS, SAML, XENC, XENC_11

ELEMENT = "http://www.w3.org/2001/04/xmlenc#Element"
RSA_OAEP = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
        "http://www.w3.org/2009/xmlenc11#rsa-oaep",
    }
)
_BLOCK = 16  # bytes of AES
_NONCE = 12  # bytes of GCM
_SHA_1 = "http://www.w3.org/2000/09/xmldsig#sha1"
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    _SHA_1: hashes.SHA1,  # its weakness does not touch OAEP
    "http://www.w3.org/2001/04/xmlenc#sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512,
    "http://www.w3.org/2009/xmlenc11#mgf1sha1": hashes.SHA1,
    "http://www.w3.org/2009/xmlenc11#mgf1sha256": hashes.SHA256,
    "http://www.w3.org/2009/xmlenc11#mgf1sha384": hashes.SHA384,
    "http://www.w3.org/2009/xmlenc11#mgf1sha512": hashes.SHA512,
}


def decrypted(
    document: Document, encrypted: Element, keys: tuple[DecryptionKey, ...]
) -> Message:
    """Return the response with its assertion in the open, and without its own signature.

    Raises InvalidResponse: for a forbidden algorithm before a key is used, and then
    always with the same reason, whatever was wrong with key, padding or content. Who
    could tell them apart could decrypt what was not meant for him.
    """
    _require_allowed_algorithms(encrypted)
    plaintext = _plaintext(encrypted, keys)
    try:
        opened = read_message(_spliced(document, plaintext))
    except InvalidResponse:
        raise InvalidResponse(ResponseReason.DECRYPTION_FAILED) from None
    if opened.assertion is None:
        raise InvalidResponse(ResponseReason.DECRYPTION_FAILED)
    return opened


def _require_allowed_algorithms(encrypted: Element) -> None:
    data, key = encrypted.find(f"{XENC}EncryptedData"), _encrypted_key(encrypted)
    allowed = ((data, frozenset(_CIPHERS)), (key, RSA_OAEP))
    for element, names in allowed:
        name = element.find(f"{XENC}EncryptionMethod").get("Algorithm", "")
        if name not in names:
            raise InvalidResponse(ResponseReason.ALGORITHM_NOT_ALLOWED, name[:80])
    if data.get("Type") != ELEMENT:
        raise InvalidResponse(ResponseReason.DECRYPTION_FAILED)


def _encrypted_key(encrypted: Element) -> Element:
    """XML Encryption §3.5: the key is in the data's KeyInfo, or beside the data."""
    found = encrypted.findall(f".//{XENC}EncryptedKey")
    if len(found) != 1:
        raise InvalidResponse(ResponseReason.DECRYPTION_FAILED)
    return found[0]


def _plaintext(encrypted: Element, keys: tuple[DecryptionKey, ...]) -> bytes:
    data, key = encrypted.find(f"{XENC}EncryptedData"), _encrypted_key(encrypted)
    decrypt = _CIPHERS[data.find(f"{XENC}EncryptionMethod").get("Algorithm")]
    for candidate in keys:
        try:
            secret = _unwrapped(key, candidate)
            return decrypt(secret, _cipher_value(data))
        except (ValueError, InvalidTag):
            continue
    raise InvalidResponse(ResponseReason.DECRYPTION_FAILED)


def _unwrapped(key: Element, candidate: DecryptionKey) -> bytes:
    ours = load_pem_private_key(
        candidate.private_key.encode(),
        password=None,
        unsafe_skip_rsa_key_validation=True,  # 0.1 s; settings are checked at the start
    )
    if not isinstance(ours, rsa.RSAPrivateKey):
        raise TypeError("only an RSA key unwraps by RSA-OAEP")
    method = key.find(f"{XENC}EncryptionMethod")
    oaep = padding.OAEP(
        mgf=padding.MGF1(_hash(method.find(f"{XENC_11}MGF"))),
        algorithm=_hash(method.find(f"{DS}DigestMethod")),
        label=None,
    )
    return ours.decrypt(_cipher_value(key), oaep)


def _hash(named: Element | None) -> hashes.HashAlgorithm:
    """XML Encryption §5.5.2: SHA-1, where nothing else is named."""
    name = _SHA_1 if named is None else named.get("Algorithm", "")
    if name not in _HASHES:
        raise ValueError("a hash we do not know")
    return _HASHES[name]()


def _cipher_value(element: Element) -> bytes:
    value = element.find(f"{XENC}CipherData/{XENC}CipherValue").text or ""
    return base64.b64decode("".join(value.split()), validate=True)


def _decrypt_cbc(secret: bytes, value: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(secret), modes.CBC(value[:_BLOCK])).decryptor()
    padded = cipher.update(value[_BLOCK:]) + cipher.finalize()
    length = padded[-1] if padded else 0  # XML Encryption §5.2: the rest is arbitrary
    if not 1 <= length <= _BLOCK:
        raise ValueError("not padded")
    return padded[:-length]


def _decrypt_gcm(secret: bytes, value: bytes) -> bytes:
    return AESGCM(secret).decrypt(value[:_NONCE], value[_NONCE:], None)


def _spliced(document: Document, plaintext: bytes) -> Document:
    root = parse(document.xml).root
    place = secrets.token_hex(16)
    replace_by_text(root.find(f"{SAML}EncryptedAssertion"), place)
    signature = signature_of(root)
    if signature is not None:  # it was about the ciphertext, and is verified by now
        replace_by_text(signature, "")
    serialised: bytes = etree.tostring(root, encoding="utf-8")
    return read_document(serialised.replace(place.encode(), plaintext))


def _sized(
    bits: int, decrypt: Callable[[bytes, bytes], bytes]
) -> Callable[[bytes, bytes], bytes]:
    def sized(secret: bytes, value: bytes) -> bytes:
        if len(secret) * 8 != bits:
            raise ValueError("a key of another length")
        return decrypt(secret, value)

    return sized


_CIPHERS = {
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc": _sized(128, _decrypt_cbc),
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc": _sized(256, _decrypt_cbc),
    "http://www.w3.org/2009/xmlenc11#aes128-gcm": _sized(128, _decrypt_gcm),
    "http://www.w3.org/2009/xmlenc11#aes256-gcm": _sized(256, _decrypt_gcm),
}
