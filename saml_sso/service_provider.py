"""Describe ourselves, the service provider, to identity providers."""

from __future__ import annotations

import time

from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml
from onelogin.saml2.metadata import OneLogin_Saml2_Metadata

from chatwork_admin.organizations.models import Organization
from saml_sso import addresses, keys
from saml_sso.identity_providers.options import Options
from saml_sso.models import identity_provider_of

VALID_FOR = 30 * 24 * 60 * 60  # seconds; the library's own default is two days


def metadata(organization: Organization) -> bytes:
    """Return our SAML 2.0 metadata (saml-metadata-2.0-os §2.4.4) for one organization.

    Each of our key pairs is there to verify what we sign and to encrypt to; the current
    one comes first, which is the one that some identity providers take.
    """
    document: bytes = OneLogin_Saml2_Metadata.builder(
        _addresses(organization),
        authnsign=_signs_requests(organization),
        wsign=True,
        valid_until=int(time.time()) + VALID_FOR,
    )
    for pair in reversed(keys.key_pairs()):
        document = OneLogin_Saml2_Metadata.add_x509_key_descriptors(
            document, pair.certificate, add_encryption=True
        )
    return document


def _addresses(organization: Organization) -> dict[str, object]:
    return {
        "entityId": addresses.metadata_url(organization),
        "assertionConsumerService": {
            "url": addresses.acs_url(organization),
            "binding": Saml.BINDING_HTTP_POST,
        },
        "singleLogoutService": {
            "url": addresses.logout_url(organization),
            "binding": Saml.BINDING_HTTP_REDIRECT,
        },
        "NameIDFormat": Saml.NAMEID_EMAIL_ADDRESS,
    }


def _signs_requests(organization: Organization) -> bool:
    """As the settings say or, before there are any, as they will begin."""
    provider = identity_provider_of(organization)
    return provider.sign_requests if provider else Options().sign_requests
