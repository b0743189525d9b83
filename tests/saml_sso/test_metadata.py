from __future__ import annotations

import pytest

from saml_sso.identity_providers.certificates import (
    CertificateReason,
    parse_certificate,
)
from saml_sso.identity_providers.metadata import IdentityProviderMetadata, read_metadata
from saml_sso.identity_providers.metadata_document import DocumentReason
from saml_sso.identity_providers.metadata_reasons import MetadataReason
from saml_sso.identity_providers.trust import validate
from saml_sso.identity_providers.trusted_addresses import TrustReason
from tests.saml_sso import builders
from tests.saml_sso.builders import (
    ENTITY_ID,
    LOGIN_URL,
    NOW,
    POST,
    TENANT,
    Entity,
    endpoint,
    entities,
    key_descriptor,
)
from tests.saml_sso.reading import certificates_of, read, refusal

SIGNING = builders.bare()
REAL = builders.entra_metadata()


# What is read


def test_the_metadata_of_an_entra_application_is_read() -> None:
    entity = Entity(
        keys=key_descriptor(SIGNING),
        formats=f"<NameIDFormat>{builders.EMAIL_ADDRESS}</NameIDFormat>"
        f"<NameIDFormat> {builders.PERSISTENT} </NameIDFormat>",
    )

    assert read(entity) == IdentityProviderMetadata(
        entity_id=ENTITY_ID,
        single_sign_on_url=LOGIN_URL,
        single_logout_url=LOGIN_URL,
        certificates=(parse_certificate(SIGNING),),
        expired_certificates=(),
        name_id_formats=(builders.EMAIL_ADDRESS, builders.PERSISTENT),
    )


def test_a_byte_order_mark_two_certificates_and_role_descriptors_are_as_entra_sends() -> (
    None
):
    metadata = read_metadata(REAL, now=NOW)

    assert REAL.startswith(b"\xef\xbb\xbf")
    assert REAL.count(b"<X509Certificate>") == 4
    assert len(metadata.certificates) == 2
    assert metadata.tenant_id == TENANT


def test_what_metadata_says_passes_the_rules_of_the_form() -> None:
    metadata = read_metadata(REAL, now=NOW)

    saved = validate(
        entity_id=metadata.entity_id,
        single_sign_on_url=metadata.single_sign_on_url,
        single_logout_url=metadata.single_logout_url,
        after_logout_url="",
        certificates=metadata.certificate_text,
        now=NOW,
    )

    assert saved.certificates == metadata.certificates


def test_logout_name_id_formats_and_tenant_are_optional() -> None:
    metadata = read(Entity(entity_id="urn:example:idp", logout=""))

    assert metadata.single_logout_url == ""
    assert metadata.name_id_formats == ()
    assert metadata.tenant_id is None


def test_a_logout_service_without_redirect_binding_is_no_logout_service_for_us() -> (
    None
):
    posting = endpoint("SingleLogoutService", "http://elsewhere.example.com", POST)

    assert read(Entity(logout=posting)).single_logout_url == ""


def test_the_redirect_binding_is_found_wherever_it_stands() -> None:
    posting = endpoint("SingleSignOnService", "https://post.example.com/", POST)

    metadata = read(
        Entity(sign_on=posting + endpoint("SingleSignOnService", LOGIN_URL))
    )

    assert metadata.single_sign_on_url == LOGIN_URL


def test_an_ampersand_of_a_query_arrives_as_one() -> None:
    address = "https://idp.example.com/sso?a=1&amp;b=2"

    metadata = read(Entity(sign_on=endpoint("SingleSignOnService", address)))

    assert metadata.single_sign_on_url == "https://idp.example.com/sso?a=1&b=2"


def test_one_identity_provider_among_service_providers_is_the_one() -> None:
    both = entities(builders.service_provider_entity(), entities(Entity()))

    assert read(both).entity_id == ENTITY_ID


def test_an_entity_that_is_also_a_service_provider_is_read() -> None:
    entity = Entity(before_role=builders.SERVICE_PROVIDER_ROLE)

    assert read(entity).single_sign_on_url == LOGIN_URL


def test_a_role_for_another_protocol_is_not_the_one_for_ours() -> None:
    old = f'<IDPSSODescriptor protocolSupportEnumeration="{builders.SAML_1}"/>'

    assert read(Entity(before_role=old)).entity_id == ENTITY_ID


def test_a_prefix_is_as_good_as_a_default_namespace() -> None:
    xml = str(Entity(keys=""))
    prefixed = xml.replace("xmlns=", "xmlns:m=").replace("<", "<m:")
    prefixed = prefixed.replace("<m:/", "</m:")
    key = key_descriptor(SIGNING).replace(
        "<KeyDescriptor", '<KeyDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"'
    )

    metadata = read(prefixed.replace("<m:SingleLogout", f"{key}<m:SingleLogout"))

    assert metadata.certificates == certificates_of(SIGNING)


# Who is described


def test_two_identity_providers_are_refused_because_we_would_have_to_guess() -> None:
    both = entities(Entity(), Entity(entity_id="urn:example:other"))

    assert refusal(both).reason is MetadataReason.SEVERAL_IDENTITY_PROVIDERS


def test_two_roles_of_one_entity_are_refused_as_well() -> None:
    role = f'<IDPSSODescriptor protocolSupportEnumeration="{builders.SAML_2}"/>'

    assert (
        refusal(Entity(before_role=role)).reason
        is MetadataReason.SEVERAL_IDENTITY_PROVIDERS
    )


@pytest.mark.parametrize(
    "content",
    [builders.service_provider_entity(), entities(builders.service_provider_entity())],
)
def test_our_own_side_of_the_story_is_recognised_as_such(content: object) -> None:
    assert refusal(content).reason is MetadataReason.SERVICE_PROVIDER_METADATA


@pytest.mark.parametrize(
    "content",
    [
        entities(),
        Entity(protocol=builders.SAML_1),
        Entity(protocol=builders.SAML_2 + "x"),
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>',
        entities(str(Entity()).replace("EntityDescriptor", "Extensions")),
    ],
    ids=range(5),
)
def test_a_document_without_identity_provider_is_refused(content: object) -> None:
    assert refusal(content).reason is MetadataReason.NO_IDENTITY_PROVIDER


@pytest.mark.parametrize(
    "content",
    [
        "<html><body>Sign in</body></html>",
        "<EntityDescriptor/>",
        str(Entity()).replace("2.0:metadata", "1.0:metadata"),
        f"<x>{Entity()}</x>",
    ],
    ids=range(4),
)
def test_xml_that_is_no_metadata_is_refused(content: object) -> None:
    assert refusal(content).reason is MetadataReason.NOT_METADATA


# Until when


@pytest.mark.parametrize(
    "valid_until",
    [
        "2026-11-23T08:59:59Z",
        "2026-11-23T09:00:00.000Z",
        "2026-11-23T08:59:59",
        "2026-11-23T17:59:59+09:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_metadata_of_the_past_is_refused_whoever_carries_the_date(
    valid_until: str,
) -> None:
    attribute = f'validUntil="{valid_until}"'

    for content in (
        Entity(attributes=attribute),
        Entity(role_attributes=attribute),
        entities(Entity(), attributes=attribute),
    ):
        assert refusal(content).reason is MetadataReason.EXPIRED_METADATA


@pytest.mark.parametrize(
    "valid_until",
    [
        "2026-11-23T09:00:01Z",
        "2026-11-23T09:00:00.001Z",
        "2026-11-23T09:00:01",
        "2026-11-23T18:00:01+09:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_metadata_of_the_future_is_read(valid_until: str) -> None:
    assert read(Entity(attributes=f'validUntil="{valid_until}"')).entity_id


@pytest.mark.parametrize("valid_until", ["", "tomorrow", "2026-13-01T00:00:00Z", "-1"])
def test_a_date_nobody_can_read_is_an_error_and_not_forever(valid_until: str) -> None:
    invalid = refusal(Entity(attributes=f'validUntil="{valid_until}"'))

    assert invalid.reason is MetadataReason.INVALID_EXPIRY


def test_no_two_reasons_share_a_value_so_one_table_may_translate_them_all() -> None:
    reasons = [*MetadataReason, *DocumentReason, *TrustReason, *CertificateReason]

    assert len({reason.value for reason in reasons}) == len(reasons)
