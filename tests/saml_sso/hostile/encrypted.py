"""Encrypted assertions that must not be decrypted, or not be believed once they are.

From the first use of our key on, everything has one reason: see `decrypted`.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from saml_sso.key_pairs import new_key_pair, parse_key_pair
from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.identity_provider import new_identity_provider
from tests.entra_id.xml_encryption import XENC, XENC_11, TokenEncryption
from tests.entra_id.xml_signatures import sign
from tests.saml_sso.hostile.target import HostileMessage, Target, cut, edited, hostile

EVIL = "http://evil.example/key"
FORBIDDEN_CIPHERS = {
    "Triple DES": f"{XENC}tripledes-cbc",
    "AES-192": f"{XENC}aes192-cbc",
    "no cipher": "",
    "an unknown cipher": "urn:x",
}
FORBIDDEN_WRAPPINGS = {
    "a key wrapped with AES": f"{XENC}kw-aes256",
    "an agreed key": f"{XENC}dh",
    "RSA 1.5, said only": f"{XENC}rsa-1_5",
}
FAILED = Reason.DECRYPTION_FAILED


def messages(target: Target) -> Iterator[HostileMessage]:
    keys = {"decryption_keys": (target.pair,)}
    families = (_keys, _algorithms, _contents, _unsigned_contents, _ciphertexts)
    for family in (*families, _structures, _repetitions):
        for each in family(target):
            yield replace(each, changes=keys | dict(each.changes))


def _keys(target: Target) -> Iterator[HostileMessage]:
    other = parse_key_pair(*new_key_pair("Other", now=datetime.now(UTC)))
    certificate = x509.load_pem_x509_certificate(other.certificate.encode())
    theirs = target.answer(encryption=TokenEncryption(certificate)).signed()
    yield hostile("for another's key", theirs, FAILED)
    ours = target.answer(encryption=target.encryption()).signed()
    keyless = hostile("where we have no key", ours, FAILED)
    yield replace(keyless, changes={"decryption_keys": ()})
    attacker = new_identity_provider(target.provider.tenant_id)
    forged = target.answer(provider=attacker, encryption=target.encryption())
    yield hostile("signed by an attacker", forged.signed(), FAILED)


def _algorithms(target: Target) -> Iterator[HostileMessage]:
    sent = target.answer(encryption=target.encryption()).signed()
    cbc, oaep = f'"{XENC}aes256-cbc"', f'"{XENC}rsa-oaep-mgf1p"'
    for former, others in {cbc: FORBIDDEN_CIPHERS, oaep: FORBIDDEN_WRAPPINGS}.items():
        for name, algorithm in others.items():
            changed = edited(sent, (former, f'"{algorithm}"'))
            yield hostile(name, changed, Reason.ALGORITHM_NOT_ALLOWED)
    yield hostile("RSA 1.5", _wrapped_by_rsa_15(target), Reason.ALGORITHM_NOT_ALLOWED)
    smaller = edited(sent, (cbc, f'"{XENC}aes128-cbc"'))
    yield hostile("a key of another length", smaller, FAILED)
    mode = edited(sent, (cbc, f'"{XENC_11}aes256-gcm"'))
    yield hostile("another mode", mode, FAILED)
    unknown = edited(sent, ("http://www.w3.org/2000/09/xmldsig#sha1", "urn:x"))
    yield hostile("an unknown hash", unknown, FAILED)


def _wrapped_by_rsa_15(target: Target) -> str:
    encryption = target.encryption()
    sent = target.answer(encryption=encryption).signed()
    public_key = encryption.certificate.public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)
    wrapped = public_key.encrypt(os.urandom(32), padding.PKCS1v15())
    value = f"<e:CipherValue>{base64.b64encode(wrapped).decode()}</e:CipherValue>"
    _, former = cut(sent, "<e:CipherValue>", "</e:CipherValue>")
    return edited(sent, (former, value), (f"{XENC}rsa-oaep-mgf1p", f"{XENC}rsa-1_5"))


def _contents(target: Target) -> Iterator[HostileMessage]:
    sent, encryption = target.answer(), target.encryption()
    genuine = sign(sent.assertion, target.provider.key)
    unsigned = target.answer(signing_option="neither").assertion
    contents = {
        "unsigned": unsigned,
        "changed": genuine.replace(sent.name_id, "ceo@acme.example"),
        "encrypted once more": encryption.encrypt(genuine),
        "two assertions": genuine + unsigned,
        "a response": sent.signed(),
        "nothing": "",
        "text": "x",
        "a document type": f"<!DOCTYPE x>{genuine}",
        "a comment": genuine.replace("</NameID>", "<!-- -->.evil</NameID>"),
        "a declaration": f'<?xml version="1.0"?>{genuine}',
        "more than the assertion": f"{genuine}<samlp:Extensions/>",
        "the end of the response": f"{genuine}</samlp:Response><samlp:Response>",
        "half an assertion": genuine[:-12],
        "a NameID": "<NameID>ceo@acme.example</NameID>",
        "a relative namespace": genuine.replace("<Subject>", '<Subject xmlns:v="1">'),
    }
    for name, content in contents.items():
        around = sent.around(encryption.encrypt(content))
        yield hostile(f"inside: {name}", around, FAILED)


def _unsigned_contents(target: Target) -> Iterator[HostileMessage]:
    """The response is signed around what anybody may have encrypted to us."""
    unsigned = target.answer(signing_option="neither").assertion
    for option in ("response", "both"):
        outer = target.answer(signing_option=option)
        signed = sign(
            outer.around(target.encryption().encrypt(unsigned)), target.provider.key
        )
        yield hostile(f"unsigned inside, {option} asked", signed, FAILED)


def _ciphertexts(target: Target) -> Iterator[HostileMessage]:
    gcm = target.encryption(algorithm=f"{XENC_11}aes256-gcm")
    for mode, encryption in {"CBC": target.encryption(), "GCM": gcm}.items():
        sent = target.answer(encryption=encryption).signed()
        _, former = cut(sent, "<xenc:CipherValue>", "</xenc:CipherValue>")
        value = base64.b64decode(former[18:-19])
        changes = {
            "last bit": value[:-1] + bytes([value[-1] ^ 1]),
            "first bit": bytes([value[0] ^ 1]) + value[1:],
            "a middle block": value[:64] + bytes(16) + value[80:],
            "a block less": value[:-16],
            "a byte less": value[:-1],
            "a vector alone": value[:16],
            "nothing": b"",
        }
        for name, changed in changes.items():
            encoded = base64.b64encode(changed).decode()
            new = f"<xenc:CipherValue>{encoded}</xenc:CipherValue>"
            yield hostile(f"{mode}: {name}", edited(sent, (former, new)), FAILED)
        garbage = edited(sent, (former, "<xenc:CipherValue>%</xenc:CipherValue>"))
        yield hostile(f"{mode}: no base64", garbage, FAILED)


def _structures(target: Target) -> Iterator[HostileMessage]:
    sent = target.answer(encryption=target.encryption()).signed()
    _, key = cut(sent, "<e:EncryptedKey ", "</e:EncryptedKey>")
    _, value = cut(sent, "<xenc:CipherValue>", "</xenc:CipherValue>")
    end, element = "</EncryptedAssertion>", f'Type="{XENC}Element"'
    failing = {
        "a key inside and one beside": (end, key + end),
        "no key": (key, ""),
        "a key to be fetched": (key, f'<RetrievalMethod URI="{EVIL}"/>'),
        "content, not an element": (element, f'Type="{XENC}Content"'),
        "no type": (element, ""),
    }
    for name, change in failing.items():
        yield hostile(name, edited(sent, change), FAILED)
    reference = f'<xenc:CipherReference URI="{EVIL}"/>'
    elsewhere = edited(sent, (value, reference))
    yield hostile("content elsewhere", elsewhere, Reason.UNEXPECTED_ELEMENT)
    method = "</e:EncryptionMethod>"
    label = edited(sent, (method, f"<e:OAEPparams>AA==</e:OAEPparams>{method}"))
    yield hostile("a label of OAEP", label, Reason.UNEXPECTED_ELEMENT)


def _repetitions(target: Target) -> Iterator[HostileMessage]:
    sent = target.answer(encryption=target.encryption()).signed()
    _, encrypted = cut(sent, "<EncryptedAssertion ", "</EncryptedAssertion>")
    _, key = cut(sent, "<e:EncryptedKey ", "</e:EncryptedKey>")
    clear = sign(target.answer().assertion, target.provider.key)
    for name, (first, more) in {
        "two of them": (encrypted, encrypted),
        "one beside a clear one": (encrypted, clear),
        "two keys": (key, key),
    }.items():
        twice = edited(sent, (first, first + more))
        yield hostile(name, twice, Reason.REPEATED_ELEMENT)
