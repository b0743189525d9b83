from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography import x509

from saml_sso.key_pairs import new_key_pair, parse_key_pair
from saml_sso.messages.expectations import DecryptionKey
from saml_sso.messages.response_reasons import ResponseReason as Reason
from tests.entra_id.saml_responses import SigningOption
from tests.entra_id.xml_encryption import (
    CIPHERS,
    DSIG,
    XENC,
    XENC_11,
    TokenEncryption,
)
from tests.saml_sso.answering import BOB, answer, read, refusal

SHA_256 = f'<DigestMethod xmlns="{DSIG}" Algorithm="{XENC}sha256"/>'
MGF_SHA_256 = f'<MGF xmlns="{XENC_11}" Algorithm="{XENC_11}mgf1sha256"/>'


@cache
def new_pair(name: str) -> DecryptionKey:
    return parse_key_pair(*new_key_pair(name, now=datetime.now(UTC)))


def pair(name: str = "current") -> DecryptionKey:
    return new_pair(name)


def encryption(name: str = "current", **changes: object) -> TokenEncryption:
    certificate = x509.load_pem_x509_certificate(pair(name).certificate.encode())
    return TokenEncryption(certificate, **changes)  # type: ignore[arg-type]  # passed through


def test_what_entra_encrypts_is_believed() -> None:
    sent = answer(encryption=encryption()).signed()
    assertion = read(sent, decryption_keys=(pair(),))

    assert assertion.was_encrypted
    assert assertion.name_id == BOB.mail
    assert BOB.mail not in sent


@pytest.mark.parametrize("option", ["assertion", "both"])
@pytest.mark.parametrize("algorithm", CIPHERS)
def test_aes_is_decrypted_in_both_modes(algorithm: str, option: SigningOption) -> None:
    sent = answer(encryption=encryption(algorithm=algorithm), signing_option=option)
    assertion = read(sent.signed(), decryption_keys=(pair(),))
    assert assertion.signed == option


@pytest.mark.parametrize("key_method", ["", SHA_256, SHA_256 + MGF_SHA_256])
def test_the_key_may_be_wrapped_with_newer_hashes(key_method: str) -> None:
    wrapped = encryption(key_algorithm=f"{XENC_11}rsa-oaep", key_method=key_method)
    assertion = read(answer(encryption=wrapped).signed(), decryption_keys=(pair(),))
    assert assertion.name_id == BOB.mail


def test_the_key_may_lie_beside_the_data() -> None:
    sent = answer(encryption=encryption(has_key_beside_data=True)).signed()
    assert read(sent, decryption_keys=(pair(),)).name_id == BOB.mail


def test_an_older_key_still_decrypts_during_a_rollover() -> None:
    sent = answer(encryption=encryption("older")).signed()
    keys = (pair("current"), pair("older"))

    assert read(sent, decryption_keys=keys).was_encrypted
    refused = refusal(sent, decryption_keys=keys[:1])
    assert refused.reason is Reason.DECRYPTION_FAILED
