"""What other machines speak with us: SCIM, SAML, OAuth 2.0."""

from django.core.exceptions import ImproperlyConfigured

from chatwork_admin import env
from chatwork_admin.settings.machine import BASE_URL, ENVIRONMENT

# How often each organization may call: requests per second in the long run (Entra ID
# wants 25 without a refusal), and at once after a pause. Only tests do without.
SCIM_RATE = env.rate("SCIM_RATE", default=50, least=25)
SCIM_BURST = env.rate("SCIM_BURST", default=500, least=100)
if ENVIRONMENT == "production" and not (SCIM_RATE and SCIM_BURST):
    raise ImproperlyConfigured("SCIM_RATE and SCIM_BURST must not be 0 in production")

# SAML metadata is fetched from Microsoft's hosts, and from these
SAML_METADATA_HOSTS = [host.lower() for host in env.words("SAML_METADATA_HOSTS")]

# Identity providers played on this machine, such as http://127.0.0.1:8443: who trusts
# one is sent there over plain HTTP
SAML_STAND_INS = env.words("SAML_STAND_INS")
if ENVIRONMENT == "production" and SAML_STAND_INS:
    raise ImproperlyConfigured("SAML_STAND_INS must be empty in production")

# Our SAML keys: the current pair signs, and both decrypt
SAML_SP_KEY = env.text("SAML_SP_KEY")
SAML_SP_CERTIFICATE = env.text("SAML_SP_CERTIFICATE")
SAML_SP_OTHER_KEY = env.text("SAML_SP_OTHER_KEY", "")
SAML_SP_OTHER_CERTIFICATE = env.text("SAML_SP_OTHER_CERTIFICATE", "")

# User synchronization
SYNC_REQUIRE_SAML_TEST = env.flag("SYNC_REQUIRE_SAML_TEST", default=True)
RECYCLE_BIN_DAYS = 30
SCIM_SERVICE_PROVIDER = {
    "NETLOC": BASE_URL.partition("://")[2],
    "SCHEME": BASE_URL.partition("://")[0],
    "AUTHENTICATION_SCHEMES": [
        {
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "RFC 6750",
        }
    ],
    "AUTH_CHECK_MIDDLEWARE": "scim.authentication.ScimAuthentication",
    "USER_MODEL_GETTER": "django.contrib.auth.get_user_model",
    "GROUP_MODEL": "chatwork_admin.organizations.models.Group",
    "USER_ADAPTER": "scim.adapters.UserAdapter",
    "GROUP_ADAPTER": "scim.adapters.GroupAdapter",
    "WWW_AUTHENTICATE_HEADER": 'Bearer realm="scim"',
}

# OAuth 2.0: the client that the publisher has registered with Microsoft, and where its
# codes may be brought, letter for letter; clients of organizations have their own
OAUTH_GALLERY_CLIENT_ID = env.text("OAUTH_GALLERY_CLIENT_ID", "")
OAUTH_GALLERY_SECRETS = env.words("OAUTH_GALLERY_SECRETS")
OAUTH_REDIRECT_URIS = env.words(
    "OAUTH_REDIRECT_URIS", "https://portal.azure.com/TokenAuthorize"
)
if ENVIRONMENT == "production" and not all(
    uri.startswith("https://") for uri in OAUTH_REDIRECT_URIS
):
    raise ImproperlyConfigured("OAUTH_REDIRECT_URIS must begin with https://")
if OAUTH_GALLERY_CLIENT_ID and not OAUTH_GALLERY_SECRETS:
    raise ImproperlyConfigured("OAUTH_GALLERY_SECRETS must hold a secret")

# Services of this installation may ask what a token is good for (RFC 7662)
OAUTH_INTROSPECTION_SECRETS = env.words("OAUTH_INTROSPECTION_SECRETS")

# The keys of workload identities are fetched from Microsoft's hosts, and from these
OAUTH_KEY_HOSTS = [host.lower() for host in env.words("OAUTH_KEY_HOSTS")]
