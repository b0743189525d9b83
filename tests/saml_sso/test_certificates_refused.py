from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from hypothesis import example, given
from hypothesis import strategies as st

from saml_sso.identity_providers.certificates import (
    LARGEST_CERTIFICATE,
    LONGEST_TEXT,
    CertificateReason,
    InvalidCertificate,
    parse_certificate,
    parse_certificates,
)
from tests.saml_sso import builders

A_CERTIFICATE = builders.certificate().public_bytes(Encoding.DER)


def refusal(text: str) -> InvalidCertificate:
    with pytest.raises(InvalidCertificate) as raised:
        parse_certificates(text)
    return raised.value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "certificate",
        "証明書",
        "AAAA",
        "=",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nAAAA",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "<X509Certificate>AAAA</X509Certificate>",
    ],
)
def test_text_that_is_no_certificate_is_refused_as_such(text: str) -> None:
    assert refusal(text).reason is CertificateReason.NOT_A_CERTIFICATE


def test_half_a_second_block_is_a_mistake_and_not_a_note() -> None:
    whole, other = builders.pem(), builders.pem()

    invalid = refusal(whole + other[: len(other) // 2])

    assert invalid.reason is CertificateReason.NOT_A_CERTIFICATE


def test_bytes_behind_the_certificate_are_refused() -> None:
    der = builders.certificate().public_bytes(Encoding.DER)

    invalid = refusal(base64.b64encode(der + b"\0").decode())

    assert invalid.reason is CertificateReason.NOT_A_CERTIFICATE


def test_a_version_of_certificates_nobody_defined_is_refused() -> None:
    version_3, version_9 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x08"
    der = A_CERTIFICATE.replace(version_3, version_9, 1)

    invalid = refusal(base64.b64encode(der).decode())

    assert der != A_CERTIFICATE
    assert invalid.reason is CertificateReason.NOT_A_CERTIFICATE


def test_base64_is_read_strictly() -> None:
    assert refusal(builders.bare() + "!").reason is CertificateReason.NOT_A_CERTIFICATE


@pytest.mark.parametrize(
    "pasted",
    [
        builders.private_key_pem(),
        builders.private_key_pem(PrivateFormat.TraditionalOpenSSL),
        base64.b64encode(builders.private_key_der()).decode(),
        base64.b64encode(builders.private_key_der(b"secret")).decode(),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ],
)
def test_a_private_key_is_recognised_and_never_repeated_in_the_error(
    pasted: str,
) -> None:
    invalid = refusal(pasted)

    assert invalid.reason is CertificateReason.PRIVATE_KEY_PASTED
    assert str(invalid) == "private-key-pasted"
    assert invalid.__cause__ is None


def test_a_private_key_beside_its_certificate_is_recognised() -> None:
    invalid = refusal(builders.pem() + builders.private_key_pem())

    assert invalid.reason is CertificateReason.PRIVATE_KEY_PASTED


def test_a_short_rsa_key_is_refused_and_the_error_knows_how_short() -> None:
    invalid = refusal(builders.pem(key=builders.rsa_key(1024)))

    assert invalid.reason is CertificateReason.KEY_TOO_SHORT
    assert invalid.certificate
    assert invalid.certificate.key_bits == 1024


@pytest.mark.parametrize(
    "key",
    [
        ed25519.Ed25519PrivateKey.generate(),
        dsa.generate_private_key(2048),
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP224R1()),
    ],
    ids=["ed25519", "dsa", "secp256k1", "p-224"],
)
def test_a_key_no_identity_provider_signs_with_is_refused(
    key: builders.PrivateKey,
) -> None:
    assert refusal(builders.pem(key=key)).reason is CertificateReason.UNSUPPORTED_KEY


def test_five_certificates_are_too_many() -> None:
    text = "".join(builders.pem() for _ in range(5))

    assert refusal(text).reason is CertificateReason.TOO_MANY


def test_where_one_certificate_is_expected_two_are_more_than_one() -> None:
    with pytest.raises(InvalidCertificate) as raised:
        parse_certificate(builders.pem() + builders.pem())

    assert raised.value.reason is CertificateReason.MORE_THAN_ONE


def test_a_text_too_long_is_refused_before_it_is_read() -> None:
    text = builders.pem().ljust(LONGEST_TEXT + 1)

    assert parse_certificates(text[:LONGEST_TEXT])
    assert refusal(text).reason is CertificateReason.TOO_LARGE


def test_a_certificate_too_large_to_be_one_is_refused() -> None:
    bulk = base64.b64encode(b"0" * (LARGEST_CERTIFICATE + 1)).decode()

    assert refusal(bulk).reason is CertificateReason.TOO_LARGE


# What nobody thought of


@given(st.text(max_size=400))
@example("-----BEGIN CERTIFICATE-----" * 2000)
@example("-----BEGIN " + " " * 60_000)
def test_any_text_is_a_certificate_or_a_refusal(text: str) -> None:
    with pytest.raises(InvalidCertificate):
        parse_certificates(text)


# RFC 5280 §4.1.2.2 wants a positive serial number; cryptography only warns as yet.
@pytest.mark.filterwarnings("ignore:Parsed a serial number:UserWarning")
@given(st.data())
def test_a_damaged_certificate_is_read_or_refused_and_nothing_else_happens(
    data: st.DataObject,
) -> None:
    der = bytearray(A_CERTIFICATE)
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))

    try:
        parsed = parse_certificate(base64.b64encode(der).decode())
    except InvalidCertificate:
        return

    assert parse_certificate(parsed.pem) == parsed
