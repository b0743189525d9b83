"""What is wrong with a workload identity, in sentences an administrator can act on."""

from __future__ import annotations

from django.forms import Field
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.authorization.client_assertions import AssertionReason
from chatwork_admin.authorization.signing_keys import NO_KEYS
from chatwork_admin.authorization.workload_identities import NameReason
from saml_sso.identity_providers.trusted_addresses import TrustReason
from saml_sso.remote_metadata.addresses import AddressReason
from saml_sso.remote_metadata.fetching import FetchReason


def objection(reason: str) -> str:
    """Say why a field is refused."""
    return str(OBJECTIONS.get(reason, NOT_AN_ADDRESS))


def problem(reason: str) -> str:
    """Say why keys could not be fetched; nothing for no reason."""
    return str(PROBLEMS.get(reason) or objection(reason)) if reason else ""


def refusal(reason: str) -> str:
    """Say why an assertion proved nobody; nothing for what is no such reason."""
    return str(REFUSALS.get(reason, ""))


NOT_AN_ADDRESS = _("Enter the address as Entra ID shows it; it begins with https://.")
PLACEHOLDER = _(
    "Put the real value in the place of what is between brackets, and leave no blanks."
)
OBJECTIONS: dict[str, Promise | str] = {
    NameReason.REQUIRED: Field.default_error_messages["required"],
    NameReason.TOO_LONG: _("This is too long."),
    NameReason.NOT_PLAIN: PLACEHOLDER,
    TrustReason.PLACEHOLDER: PLACEHOLDER,
    TrustReason.HAS_FRAGMENT: _("The address must have no part behind “#”."),
    AddressReason.HOST_NOT_LISTED: _(
        "Keys are fetched from Microsoft's addresses only. Ask Chatwork support if yours "
        "are elsewhere."
    ),
    AddressReason.OTHER_PORT: _("The address must not name a port."),
    AddressReason.EVERY_TENANT: _(
        "This address is of every tenant. Enter that of your own, with its tenant ID."
    ),
    TrustReason.HOST_NOT_PUBLIC: _("The address must be reachable on the internet."),
}

PROBLEMS: dict[str, Promise] = {
    NO_KEYS: _(
        "What is at the JWKS URI is no set of keys for signing, RSA or EC (P-256)."
    ),
    FetchReason.NAME_UNKNOWN: _("The host of the JWKS URI cannot be found."),
    FetchReason.NOT_PUBLIC: _("The address must be reachable on the internet."),
    FetchReason.UNREACHABLE: _("The server at the JWKS URI cannot be reached."),
    FetchReason.CERTIFICATE_NOT_TRUSTED: _(
        "The server could not prove by its certificate who it is. Nothing was fetched."
    ),
    FetchReason.TOO_SLOW: _("The server at the JWKS URI did not answer in time."),
    FetchReason.REDIRECTED: _(
        "The server leads to another address, which is not followed for safety. Enter "
        "the final address."
    ),
    FetchReason.REFUSED: _("The server has no keys at the JWKS URI."),
    FetchReason.TOO_LARGE: _("The document is larger than 512 kB."),
    FetchReason.BROKEN_ANSWER: _("The server's answer is not complete. Try again."),
}

UNREADABLE = _("The assertion is not a signed JWT, or says something twice.")
REFUSALS: dict[str, Promise] = {
    AssertionReason.BESIDE_A_SECRET: _(
        "A client secret was sent beside the assertion. Only one of them may be."
    ),
    AssertionReason.OTHER_TYPE: _("The assertion is of a type other than JWT."),
    AssertionReason.UNREADABLE: UNREADABLE,
    AssertionReason.ALGORITHM: _(
        "The assertion must be signed as its key is for: with RS256, PS256 or ES256."
    ),
    AssertionReason.HEADER: _(
        "The header of the assertion names no key, brings its own, or is of another token."
    ),
    AssertionReason.CLAIMS: _(
        "The assertion lacks issuer, subject, audience, beginning or end."
    ),
    AssertionReason.ISSUER: _("No workload identity that is trusted has this issuer."),
    AssertionReason.SUBJECT: _(
        "No workload identity that is trusted has this subject."
    ),
    AssertionReason.AUDIENCE: _(
        "No workload identity that is trusted has this audience."
    ),
    AssertionReason.KEY_UNKNOWN: _(
        "The key of the assertion is not among those at the JWKS URI."
    ),
    AssertionReason.SIGNATURE: _("The signature of the assertion is wrong."),
    AssertionReason.EXPIRED: _("The assertion has expired."),
    AssertionReason.TOO_EARLY: _(
        "The assertion begins in the future: a clock is wrong."
    ),
    AssertionReason.LIFETIME: _("The assertion lasts longer than a day."),
    AssertionReason.REPLAYED: _("The assertion was used before."),
}
