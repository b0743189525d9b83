from __future__ import annotations

import pytest

from saml_sso.identity_providers.certificates import (
    CertificateReason,
    parse_certificate,
)
from saml_sso.identity_providers.metadata_reasons import MetadataReason
from tests.saml_sso import builders
from tests.saml_sso.builders import A_DAY, NOW, Entity, key_descriptor
from tests.saml_sso.reading import certificates_of, read, refusal

SIGNING = builders.bare()
OTHER = builders.bare()
EXPIRED = builders.bare(not_before=NOW - 2 * A_DAY, not_after=NOW - A_DAY)


def test_a_key_without_use_signs_as_well() -> None:
    metadata = read(Entity(keys=key_descriptor(SIGNING, use=None)))

    assert metadata.certificates == certificates_of(SIGNING)


@pytest.mark.parametrize("use", ["encryption", "", "Signing", "signing encryption"])
def test_a_key_for_another_use_never_signs(use: str) -> None:
    alone = Entity(keys=key_descriptor(OTHER, use=use))
    beside = Entity(keys=key_descriptor(OTHER, use=use) + key_descriptor(SIGNING))

    assert refusal(alone).reason is MetadataReason.NO_SIGNING_CERTIFICATE
    assert read(beside).certificates == certificates_of(SIGNING)


def test_a_key_of_another_role_never_signs() -> None:
    described = builders.ROLE_DESCRIPTOR.format(key=key_descriptor(OTHER))

    assert (
        refusal(Entity(before_role=described, keys="")).reason
        is MetadataReason.NO_SIGNING_CERTIFICATE
    )


def test_a_key_hidden_in_an_extension_never_signs() -> None:
    hidden = f"<Extensions>{key_descriptor(OTHER)}</Extensions>"

    metadata = read(Entity(keys=hidden + key_descriptor(SIGNING)))

    assert metadata.certificates == certificates_of(SIGNING)


def test_a_key_value_without_certificate_is_not_enough() -> None:
    key = key_descriptor(SIGNING).replace("X509Certificate", "X509SubjectName")

    assert refusal(Entity(keys=key)).reason is MetadataReason.NO_SIGNING_CERTIFICATE


def test_the_same_certificate_twice_counts_once() -> None:
    keys = key_descriptor(SIGNING) + key_descriptor(SIGNING, use=None)

    assert read(Entity(keys=keys)).certificates == certificates_of(SIGNING)


def test_an_expired_certificate_beside_a_valid_one_is_set_apart() -> None:
    keys = key_descriptor(EXPIRED) + key_descriptor(SIGNING)

    metadata = read(Entity(keys=keys))

    assert metadata.certificates == certificates_of(SIGNING)
    assert metadata.expired_certificates == certificates_of(EXPIRED)
    assert parse_certificate(EXPIRED).pem not in metadata.certificate_text


def test_a_certificate_of_tomorrow_is_read_and_left_to_the_rules_of_the_form() -> None:
    tomorrow = builders.bare(not_before=NOW + A_DAY)

    metadata = read(Entity(keys=key_descriptor(tomorrow)))

    assert metadata.certificates == certificates_of(tomorrow)


def test_expired_certificates_alone_are_refused_and_the_last_one_is_named() -> None:
    invalid = refusal(Entity(keys=key_descriptor(EXPIRED)))

    assert invalid.reason is MetadataReason.INVALID_CERTIFICATE
    assert invalid.detail is CertificateReason.EXPIRED
    assert invalid.certificate == parse_certificate(EXPIRED)


@pytest.mark.parametrize(
    ("certificate", "detail"),
    [
        ("", CertificateReason.NOT_A_CERTIFICATE),
        ("garbage", CertificateReason.NOT_A_CERTIFICATE),
        ("MIIC", CertificateReason.NOT_A_CERTIFICATE),
        ("AAAA" * 20_000, CertificateReason.TOO_LARGE),
        (builders.pem() + builders.pem(), CertificateReason.MORE_THAN_ONE),
        (builders.private_key_pem(), CertificateReason.PRIVATE_KEY_PASTED),
        (builders.bare(key=builders.rsa_key(1024)), CertificateReason.KEY_TOO_SHORT),
    ],
    ids=range(7),
)
def test_a_certificate_that_may_not_be_stored_spoils_the_document(
    certificate: str, detail: CertificateReason
) -> None:
    keys = key_descriptor(SIGNING) + key_descriptor(certificate)

    invalid = refusal(Entity(keys=keys))

    assert invalid.reason is MetadataReason.INVALID_CERTIFICATE
    assert invalid.detail is detail


def test_five_valid_certificates_are_too_many_and_expired_ones_do_not_count() -> None:
    four = "".join(key_descriptor(builders.bare()) for _ in range(4))

    assert len(read(Entity(keys=four + key_descriptor(EXPIRED))).certificates) == 4
    assert (
        refusal(Entity(keys=four + key_descriptor(SIGNING))).detail
        is CertificateReason.TOO_MANY
    )


def test_a_certificate_chain_would_make_its_authority_a_signer_and_is_refused() -> None:
    chain = f"{SIGNING}</X509Certificate><X509Certificate>{OTHER}"

    assert (
        refusal(Entity(keys=key_descriptor(chain))).reason
        is MetadataReason.AMBIGUOUS_CONTENT
    )


@pytest.mark.parametrize("inside", [f"{SIGNING}<x/>", f"<x>{OTHER}</x>{SIGNING}"])
def test_an_element_inside_a_certificate_is_refused(inside: str) -> None:
    invalid = refusal(Entity(keys=key_descriptor(inside)))

    assert invalid.reason is MetadataReason.AMBIGUOUS_CONTENT


def test_an_element_inside_a_name_id_format_is_refused() -> None:
    invalid = refusal(Entity(formats="<NameIDFormat>urn:a<x/>:b</NameIDFormat>"))

    assert invalid.reason is MetadataReason.AMBIGUOUS_CONTENT
