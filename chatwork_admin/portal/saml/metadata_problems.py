"""Why metadata could not be fetched, in sentences an administrator can act on."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.portal.saml.refusals import METADATA, REASONS
from saml_sso.identity_providers.metadata_reasons import MetadataReason
from saml_sso.remote_metadata.addresses import AddressReason, is_of_a_whole_tenant
from saml_sso.remote_metadata.fetching import FetchReason
from saml_sso.remote_metadata.refreshing import RefreshReason


def fetch_sentence(problem: str, status: int = 0) -> str:
    """Say what a `MetadataFetch`, or a refused address, has as its problem."""
    return str(SENTENCES[problem]) % {"status": status}


def hint_about(address: str) -> Promise | str:
    """Say what is likely wrong with an address that may be visited; nothing, mostly."""
    return WHOLE_TENANT if address and is_of_a_whole_tenant(address) else ""


def refresh_sentence(problem: str) -> str:
    """Say what `IdentityProvider.metadata_problem` is."""
    return str(REFRESHING.get(problem) or SENTENCES.get(problem) or UNREADABLE)


SENTENCES: dict[str, Promise] = {
    **{reason.value: sentence for reason, sentence in REASONS.items()},
    AddressReason.HOST_NOT_LISTED: _(
        "Metadata is fetched from Microsoft's addresses only. Upload the file instead."
    ),
    AddressReason.OTHER_PORT: _("The address must not name a port."),
    AddressReason.EVERY_TENANT: _(
        "This address is not that of a tenant. Use the “App Federation Metadata Url” "
        "of your application in Entra ID."
    ),
    FetchReason.NAME_UNKNOWN: _("The host of this address cannot be found."),
    FetchReason.NOT_PUBLIC: _("The address must be reachable on the internet."),
    FetchReason.UNREACHABLE: _(
        "The server cannot be reached. Try again later, or upload the file instead."
    ),
    FetchReason.CERTIFICATE_NOT_TRUSTED: _(
        "The server could not prove by its certificate who it is. Nothing was fetched."
    ),
    FetchReason.TOO_SLOW: _(
        "The server did not answer within five seconds. Try again later, or upload the "
        "file instead."
    ),
    FetchReason.REDIRECTED: _(
        "The server leads to another address, which is not followed for safety. Enter "
        "the final address."
    ),
    FetchReason.REFUSED: _(
        "The server has no metadata at this address (HTTP status %(status)s)."
    ),
    FetchReason.TOO_LARGE: _("The document is larger than 512 kB."),
    FetchReason.BROKEN_ANSWER: _("The server's answer is not complete. Try again."),
}

WHOLE_TENANT = _(
    "This address is of the whole tenant, and has other keys than your application signs "
    "with. Use the “App Federation Metadata Url” of the application; it ends with "
    "“appid=…”."
)
UNREADABLE = _("The metadata cannot be used: an address or a certificate is not valid.")
REFRESHING: dict[str, Promise] = {
    **{reason.value: sentence for reason, sentence in METADATA.items()},
    MetadataReason.UNREADABLE_DOCUMENT: _("What the server sends is not metadata."),
    FetchReason.REFUSED: _("The server has no metadata at this address any more."),
    RefreshReason.OTHER_ENTITY_ID: _(
        "The metadata describes another identity provider. Nothing was taken from it."
    ),
    RefreshReason.OTHER_LOGIN_URL: _(
        "The metadata names another login URL. Preview it, and save it if it is right."
    ),
    RefreshReason.TOO_MANY_CERTIFICATES: _(
        "There is a new certificate, but four are trusted already. Retire one of them."
    ),
}
