"""Describe ourselves, the service provider, to identity providers."""

from __future__ import annotations

import time

from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml
from onelogin.saml2.metadata import OneLogin_Saml2_Metadata
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from chatwork_admin.organizations.models import Organization
from saml_sso import addresses, keys

VALID_FOR = 30 * 24 * 60 * 60  # seconds; the library's own default is two days


def metadata(organization: Organization) -> bytes:
    """Return our SAML 2.0 metadata (saml-metadata-2.0-os §2.4.4) for one organization.

    Each of our key pairs is there to verify what we sign and to encrypt to; the current
    one comes first, which is the one that some identity providers take.
    """
    ours = OneLogin_Saml2_Settings(_described(organization), sp_validation_only=True)
    document: bytes = ours.get_sp_metadata()
    for pair in reversed(keys.key_pairs()):
        document = OneLogin_Saml2_Metadata.add_x509_key_descriptors(
            document, pair.certificate, add_encryption=True
        )
    return document


def _described(organization: Organization) -> dict[str, object]:
    return {
        "strict": True,
        "sp": {
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
        },
        "security": {
            "wantAssertionsSigned": True,
            "metadataValidUntil": int(time.time()) + VALID_FOR,
        },
    }
