from __future__ import annotations

import hashlib
import textwrap
from datetime import UTC, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from saml_sso.identity_providers.certificates import (
    KeyKind,
    parse_certificate,
    parse_certificates,
)
from tests.saml_sso import builders
from tests.saml_sso.builders import A_DAY, NOW

# What is read


def test_a_certificate_is_described_as_entra_shows_it() -> None:
    certificate = builders.certificate(
        not_before=NOW - A_DAY, not_after=NOW + 30 * A_DAY
    )
    der = certificate.public_bytes(Encoding.DER)

    parsed = parse_certificate(builders.pem_of(certificate))

    assert parsed.subject == f"CN={builders.SUBJECT}"
    assert parsed.sha1 == hashlib.sha1(der).hexdigest().upper()
    assert parsed.sha256 == hashlib.sha256(der).hexdigest().upper()
    assert (parsed.not_before, parsed.not_after) == (NOW - A_DAY, NOW + 30 * A_DAY)
    assert parsed.not_after.tzinfo is UTC
    assert (parsed.key_kind, parsed.key_bits) == (KeyKind.RSA, 2048)


@pytest.mark.parametrize(
    ("curve", "bits"), [(ec.SECP256R1, 256), (ec.SECP384R1, 384), (ec.SECP521R1, 521)]
)
def test_an_elliptic_key_on_a_nist_curve_is_accepted(
    curve: type[ec.EllipticCurve], bits: int
) -> None:
    parsed = parse_certificate(builders.pem(key=builders.ec_key(curve)))

    assert (parsed.key_kind, parsed.key_bits) == (KeyKind.EC, bits)


def test_every_way_to_paste_a_certificate_gives_the_same_normalised_pem() -> None:
    certificate = builders.certificate()
    pem, bare = builders.pem_of(certificate), builders.bare_of(certificate)

    pasted = [
        pem,
        bare,
        "\n".join(textwrap.wrap(bare, 76)),
        "\r\n".join(textwrap.wrap(bare, 64)) + "\r\n\r\n",
        textwrap.indent(pem, "    "),
        pem.replace("\n", "\r\n"),
        pem.replace("\n", ""),
        pem.replace("\n", " "),
        "\ufeff" + pem,
        "\ufeff" + bare,
        f"Bag Attributes\n    friendlyName: SSO\n{pem}\nthat is all\n",
    ]

    assert {parse_certificate(text).pem for text in pasted} == {pem}


def test_the_normalised_pem_reads_back_to_the_same_value() -> None:
    parsed = parse_certificate(builders.bare())

    assert parse_certificate(parsed.pem) == parsed


def test_several_blocks_are_read_in_the_order_they_were_pasted() -> None:
    first, second = builders.pem(), builders.pem()

    parsed = parse_certificates(first + second)

    assert [each.pem for each in parsed] == [first, second]


def test_a_certificate_pasted_twice_counts_once() -> None:
    pems = [builders.pem() for _ in range(4)]

    assert len(parse_certificates("".join(pems * 3))) == 4


def test_an_expired_certificate_can_still_be_read_so_that_a_page_can_show_it() -> None:
    parsed = parse_certificate(
        builders.pem(not_before=NOW - 2 * A_DAY, not_after=NOW - A_DAY)
    )

    assert parsed.has_expired_at(NOW)
    assert not parsed.is_valid_at(NOW)


def test_the_period_includes_both_of_its_ends() -> None:
    second = timedelta(seconds=1)
    parsed = parse_certificate(builders.pem(not_before=NOW, not_after=NOW + A_DAY))

    assert [
        parsed.is_valid_at(instant)
        for instant in (NOW - second, NOW, NOW + A_DAY, NOW + A_DAY + second)
    ] == [False, True, True, False]
    assert not parsed.has_expired_at(NOW + A_DAY)
    assert parsed.has_expired_at(NOW + A_DAY + second)


def test_a_subject_in_japanese_stays_japanese() -> None:
    assert parse_certificate(builders.pem(subject="株式会社アクメ")).subject == (
        "CN=株式会社アクメ"
    )


def test_a_nul_in_a_subject_is_escaped_because_the_database_takes_none() -> None:
    parsed = parse_certificate(builders.pem(subject="a\0b"))

    assert "\0" not in parsed.subject
