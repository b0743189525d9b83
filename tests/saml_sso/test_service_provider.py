from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.test import Client
from lxml import etree

from chatwork_admin.organizations.models import Organization
from saml_sso import addresses

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


def test_a_guessed_organization_has_no_metadata(
    client: Client, acme: Organization
) -> None:
    assert client.get("/saml/acme/metadata").status_code == 404
