from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.test import Client
from lxml import etree

from chatwork_admin.organizations.models import Organization
from saml_sso import addresses
from saml_sso.models import IdentityProvider
from tests.saml_sso.signing_in import Visitor, entra_of

METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"


def test_our_metadata_names_our_addresses_and_when_it_ends(
    client: Client, acme: Organization
) -> None:
    answer = client.get(f"/saml/{acme.public_id}/metadata")
    entity = etree.fromstring(answer.content)
    service = entity.find(f".//{METADATA}AssertionConsumerService")
    until = datetime.fromisoformat(entity.get("validUntil"))

    assert answer["Content-Type"] == "application/samlmetadata+xml"
    assert entity.get("entityID") == addresses.metadata_url(acme)
    assert service.get("Location") == addresses.acs_url(acme)
    assert timedelta(days=29) < until - datetime.now(UTC) < timedelta(days=31)


def test_our_metadata_says_whether_we_sign_requests(
    client: Client, acme: Organization
) -> None:
    def said() -> tuple[str, str]:
        answer = client.get(f"/saml/{acme.public_id}/metadata")
        described = etree.fromstring(answer.content).find(f"{METADATA}SPSSODescriptor")
        return described.get("AuthnRequestsSigned"), described.get(
            "WantAssertionsSigned"
        )

    assert said() == ("true", "true")  # what it will be, once there are settings
    entra = entra_of(acme)
    for signs in (True, False):
        IdentityProvider.objects.update(sign_requests=signs)
        assert said() == (str(signs).lower(), "true")
        asked = Visitor(entra).start()
        assert ("Signature=" in asked.url) == signs


def test_a_guessed_organization_has_no_metadata(
    client: Client, acme: Organization
) -> None:
    assert client.get("/saml/acme/metadata").status_code == 404
