"""What SAML stores: whom an organization trusts, and the sign-ins under way."""

from saml_sso.models.break_glass import BreakGlassCode
from saml_sso.models.identities import LinkedIdentity
from saml_sso.models.limits import Arrival, RejectionCount, Visit
from saml_sso.models.metadata_fetches import MetadataFetch
from saml_sso.models.sign_ins import (
    AuthenticationRequest,
    Completion,
    SeenAssertion,
)
from saml_sso.models.trust import (
    IdentityProvider,
    SettingsVersion,
    TrustedCertificate,
    identity_provider_of,
)
from saml_sso.models.warnings import CertificateWarning

__all__ = [
    "Arrival",
    "AuthenticationRequest",
    "BreakGlassCode",
    "CertificateWarning",
    "Completion",
    "IdentityProvider",
    "LinkedIdentity",
    "MetadataFetch",
    "RejectionCount",
    "SeenAssertion",
    "SettingsVersion",
    "TrustedCertificate",
    "Visit",
    "identity_provider_of",
]
