from __future__ import annotations

from datetime import timedelta

import pytest

from saml_sso.identity_providers.certificates import (
    CertificateReason,
    parse_certificate,
)
from saml_sso.identity_providers.trust import (
    IdentityProviderSettings,
    InvalidSettings,
    Refusal,
    validate,
)
from saml_sso.identity_providers.trusted_addresses import TrustReason
from tests.saml_sso import builders
from tests.saml_sso.builders import A_DAY, ENTITY_ID, LOGIN_URL, NOW, TENANT

CURRENT = builders.pem()
NEXT = builders.pem(not_before=NOW + A_DAY)
EXPIRED = builders.pem(not_before=NOW - 2 * A_DAY, not_after=NOW - A_DAY)


def validated(**changes: str) -> IdentityProviderSettings:
    values = {
        "entity_id": ENTITY_ID,
        "single_sign_on_url": LOGIN_URL,
        "single_logout_url": LOGIN_URL,
        "after_logout_url": "https://intranet.example.com/bye",
        "certificates": CURRENT,
    }
    return validate(**values | changes, now=NOW)


def errors(**changes: str) -> dict[str, tuple[Refusal, ...]]:
    with pytest.raises(InvalidSettings) as raised:
        validated(**changes)
    return dict(raised.value.errors)


# All fields together


def test_what_entra_shows_on_its_cards_is_accepted() -> None:
    assert validated() == IdentityProviderSettings(
        entity_id=ENTITY_ID,
        single_sign_on_url=LOGIN_URL,
        single_logout_url=LOGIN_URL,
        after_logout_url="https://intranet.example.com/bye",
        certificates=(parse_certificate(CURRENT),),
    )


def test_the_two_logout_addresses_may_be_empty() -> None:
    settings = validated(single_logout_url="", after_logout_url=" ")

    assert (settings.single_logout_url, settings.after_logout_url) == ("", "")


def test_space_around_a_pasted_value_is_not_part_of_it() -> None:
    settings = validated(
        entity_id=f" {ENTITY_ID}\n", single_sign_on_url=f"\t{LOGIN_URL}\r\n"
    )

    assert settings == validated()


def test_every_field_says_at_once_what_is_wrong_with_it() -> None:
    found = errors(
        entity_id="",
        single_sign_on_url="http://login.example.com/",
        single_logout_url="javascript:alert(1)",
        after_logout_url="https://user@example.com/",
        certificates="nothing",
    )

    assert found == {
        "entity_id": (Refusal(TrustReason.REQUIRED),),
        "single_sign_on_url": (Refusal(TrustReason.NOT_HTTPS),),
        "single_logout_url": (Refusal(TrustReason.NOT_HTTPS),),
        "after_logout_url": (Refusal(TrustReason.HAS_USER_INFORMATION),),
        "certificates": (Refusal(CertificateReason.NOT_A_CERTIFICATE),),
    }


def test_an_error_stands_at_its_field_only() -> None:
    assert set(errors(single_sign_on_url="")) == {"single_sign_on_url"}


def test_the_tenant_of_the_settings_is_that_of_their_entity_id() -> None:
    assert validated().tenant_id == TENANT


# Certificates


def test_a_certificate_is_required() -> None:
    assert errors(certificates=" \n")["certificates"] == (
        Refusal(TrustReason.REQUIRED),
    )


def test_a_next_certificate_may_wait_beside_one_that_is_valid() -> None:
    settings = validated(certificates=CURRENT + NEXT)

    assert [each.pem for each in settings.certificates] == [CURRENT, NEXT]


def test_a_next_certificate_alone_would_lock_everybody_out_until_it_begins() -> None:
    assert errors(certificates=NEXT)["certificates"] == (
        Refusal(CertificateReason.NOT_YET_VALID, parse_certificate(NEXT)),
    )


def test_an_expired_certificate_is_refused_also_beside_a_valid_one() -> None:
    found = errors(certificates=EXPIRED + CURRENT)["certificates"]

    assert found == (Refusal(CertificateReason.EXPIRED, parse_certificate(EXPIRED)),)


def test_each_expired_certificate_is_named() -> None:
    other = builders.pem(not_before=NOW - 3 * A_DAY, not_after=NOW - 2 * A_DAY)

    found = errors(certificates=EXPIRED + other)["certificates"]

    assert [refusal.certificate for refusal in found] == [
        parse_certificate(EXPIRED),
        parse_certificate(other),
    ]


def test_a_certificate_is_accepted_until_the_last_second_it_names() -> None:
    last = builders.pem(not_after=NOW)
    missed = builders.pem(not_after=NOW - timedelta(seconds=1))

    assert validated(certificates=last).certificates[0].pem == last
    assert errors(certificates=missed)["certificates"][0].reason == "expired"


def test_a_refused_key_comes_with_the_certificate_it_is_in() -> None:
    short = builders.pem(key=builders.rsa_key(1024))

    (refusal,) = errors(certificates=short)["certificates"]

    assert refusal.reason is CertificateReason.KEY_TOO_SHORT
    assert refusal.certificate
    assert refusal.certificate.key_bits == 1024


def test_five_certificates_are_too_many_and_one_certificate_five_times_is_not() -> None:
    five = "".join(builders.pem() for _ in range(5))

    assert len(validated(certificates=CURRENT * 5).certificates) == 1
    assert errors(certificates=five)["certificates"][0].reason == "too-many"
