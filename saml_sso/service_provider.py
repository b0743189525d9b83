"""Describe ourselves, the service provider, to identity providers."""

from __future__ import annotations

import time

from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from chatwork_admin.organizations.models import Organization
from saml_sso import addresses

VALID_FOR = 30 * 24 * 60 * 60  # seconds; the library's own default is two days


def metadata(organization: Organization) -> bytes:
    """Return our SAML 2.0 metadata (saml-metadata-2.0-os §2.4.4) for one organization."""
    described = {
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
    ours = OneLogin_Saml2_Settings(described, sp_validation_only=True)
    document: bytes = ours.get_sp_metadata()
    return document
