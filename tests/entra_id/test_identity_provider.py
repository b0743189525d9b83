from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.entra_id.federation_metadata import federation_metadata
from tests.entra_id.identity_provider import (
    IdentityProvider,
    new_identity_provider,
    open_identity_provider,
)

NAMES = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
TENANT = "5f0d4a52-7c11-4f0e-9d59-0d1c36a2e0a1"


@pytest.fixture(scope="module")
def provider() -> IdentityProvider:
    return new_identity_provider(TENANT)


def test_the_certificate_is_the_one_entra_makes(provider: IdentityProvider) -> None:
    certificate = provider.certificate

    assert (
        certificate.subject.rfc4514_string()
        == "CN=Microsoft Azure Federated SSO Certificate"
    )
    assert provider.key.key_size == 2048
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert life == timedelta(days=1095)


def test_key_and_tenant_are_made_once(tmp_path: Path) -> None:
    first = open_identity_provider(tmp_path)
    second = open_identity_provider(tmp_path)

    assert second.entity_id == first.entity_id
    assert second.thumbprint == first.thumbprint
    assert second.key.private_numbers() == first.key.private_numbers()


def test_the_metadata_begins_with_a_byte_order_mark_unless_told_otherwise(
    provider: IdentityProvider,
) -> None:
    assert federation_metadata(provider).startswith(b"\xef\xbb\xbf<?xml")
    assert federation_metadata(provider, with_byte_order_mark=False).startswith(
        b"<?xml"
    )


def test_the_metadata_names_the_tenant_and_its_addresses(
    provider: IdentityProvider,
) -> None:
    root = etree.fromstring(federation_metadata(provider, with_byte_order_mark=False))

    assert root.get("entityID") == f"https://sts.windows.net/{TENANT}/"
    services = root.xpath(
        "md:IDPSSODescriptor/md:SingleSignOnService", namespaces=NAMES
    )
    bindings = [service.get("Binding").rpartition("-")[2] for service in services]
    assert bindings == ["Redirect", "POST"]
    address = f"https://login.microsoftonline.com/{TENANT}/saml2"
    assert {service.get("Location") for service in services} == {address}
    assert len(root.xpath("md:RoleDescriptor", namespaces=NAMES)) == 2


def test_the_metadata_holds_every_certificate_of_a_roll_over(
    provider: IdentityProvider,
) -> None:
    next_one = new_identity_provider(TENANT)
    document = federation_metadata(provider, next_one, with_byte_order_mark=False)

    path = "md:IDPSSODescriptor/md:KeyDescriptor[@use='signing']//ds:X509Certificate/text()"
    found = etree.fromstring(document).xpath(path, namespaces=NAMES)

    assert len(found) == 2
    pem = provider.certificate.public_bytes(Encoding.PEM).decode().replace("\n", "")
    assert found[0] in pem
