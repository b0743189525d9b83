from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.test import Client
from lxml import etree
from pytest_django.fixtures import Settings

from chatwork_admin.organizations.models import Organization
from saml_sso import keys
from saml_sso.checks import check_key_pairs
from saml_sso.key_pairs import InvalidKeyPair, new_key_pair, parse_key_pair
from tests.saml_sso import builders

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
KEY = builders.private_key_pem()
CERTIFICATE = builders.pem()


def test_a_pair_is_read_from_pem_in_either_form() -> None:
    traditional = builders.private_key_pem(PrivateFormat.TraditionalOpenSSL)
    pair = parse_key_pair(KEY, CERTIFICATE)

    assert parse_key_pair(traditional, CERTIFICATE) == pair
    assert pair.certificate == CERTIFICATE
    key = load_pem_private_key(pair.private_key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.public_key() == builders.rsa_key().public_key()


def test_a_new_pair_is_two_lines_that_can_be_read() -> None:
    made = new_key_pair("Chatwork Admin", now=datetime.now(UTC))

    assert all(len(text.splitlines()) == 1 for text in made)
    assert parse_key_pair(*made).private_key.startswith("-----BEGIN PRIVATE KEY-----")


@pytest.mark.parametrize(
    ("key", "certificate", "words"),
    [
        ("", CERTIFICATE, "no unencrypted private key"),
        ("unused", CERTIFICATE, "no unencrypted private key"),
        (
            base64.b64encode(builders.private_key_der(b"password")).decode(),
            CERTIFICATE,
            "no unencrypted private key",
        ),
        (
            builders.rsa_key()
            .private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"p")
            )
            .decode(),
            CERTIFICATE,
            "no unencrypted private key",
        ),
        (
            builders.rsa_key(1024)
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
            CERTIFICATE,
            "RSA of 2048",
        ),
        (
            builders.ec_key()
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
            CERTIFICATE,
            "RSA of 2048",
        ),
        (KEY, "", "the certificate is refused"),
        (KEY, builders.pem(key=builders.rsa_key(3072)), "another key"),
    ],
    ids=range(8),
)
def test_what_is_no_pair_is_refused_with_the_reason(
    key: str, certificate: str, words: str
) -> None:
    with pytest.raises(InvalidKeyPair, match=words) as raised:
        parse_key_pair(key, certificate)
    assert not key or key not in str(raised.value)


def test_the_check_names_what_cannot_be_used(settings: Settings) -> None:
    assert check_key_pairs() == []

    settings.SAML_SP_KEY = "unused"
    settings.SAML_SP_OTHER_KEY = "unused"

    assert [each.id for each in check_key_pairs()] == ["saml_sso.E001"] * 2
    assert [each.msg.partition(":")[0] for each in check_key_pairs()] == [
        "SAML_SP_KEY",
        "SAML_SP_OTHER_KEY",
    ]


def test_the_check_warns_before_the_certificate_ends(settings: Settings) -> None:
    now = datetime.now(UTC)
    made = builders.pem(not_before=now, not_after=now + timedelta(days=29))
    settings.SAML_SP_KEY, settings.SAML_SP_CERTIFICATE = KEY, made

    assert [each.id for each in check_key_pairs()] == ["saml_sso.W001"]


def test_our_metadata_hands_out_every_pair_for_both_purposes(
    client: Client, acme: Organization, settings: Settings
) -> None:
    settings.SAML_SP_OTHER_KEY = KEY
    settings.SAML_SP_OTHER_CERTIFICATE = CERTIFICATE
    answer = client.get(f"/saml/{acme.public_id}/metadata")

    found = [
        (key.get("use"), key.findtext(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate"))
        for key in etree.fromstring(answer.content).iter(f"{MD}KeyDescriptor")
    ]
    current, other = map(_bare, (pair.certificate for pair in keys.key_pairs()))
    assert found == [
        ("signing", current),
        ("encryption", current),
        ("signing", other),
        ("encryption", other),
    ]


def _bare(pem: str) -> str:
    return "".join(pem.splitlines()[1:-1])
