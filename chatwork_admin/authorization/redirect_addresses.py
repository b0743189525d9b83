"""Where the codes of an organization's client may be brought (RFC 6749 §3.1.2).

What a request names is compared letter for letter with these (RFC 9700 §4.1.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from saml_sso.identity_providers.trusted_addresses import TrustReason, objection_to_url

MOST_ADDRESSES = 5
OKTA = {  # row L7 of the catalogue
    "Okta": "okta.com",
    "Okta (EMEA)": "okta-emea.com",
    "Okta (Preview)": "oktapreview.com",
}


class InvalidAddresses(Exception):
    """`errors` holds, under each refused address, what is wrong with it."""

    def __init__(self, errors: Mapping[str, TrustReason]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class TooManyAddresses(Exception):
    """A client has as many addresses as it may have."""


@dataclass(frozen=True, slots=True)
class CodeFlow:
    """How a client asks the administrator for a code, if it has an address to do so.

    `may_omit_response_type`: what it leaves out counts as `code` (B10). Raises
    InvalidAddresses, TooManyAddresses.
    """

    redirect_uris: tuple[str, ...]
    may_omit_response_type: bool

    def __post_init__(self) -> None:
        if len(self.redirect_uris) > MOST_ADDRESSES:
            raise TooManyAddresses(TooManyAddresses.__doc__)
        found = {
            uri: objection_to_url(uri, stand_ins=settings.SAML_STAND_INS)
            for uri in self.redirect_uris
        }
        if errors := {uri: reason for uri, reason in found.items() if reason}:
            raise InvalidAddresses(errors)


def known() -> list[tuple[str, str]]:
    """Return providers and their addresses; Okta puts an application's name in them."""
    of_entra = [("Microsoft Entra ID", uri) for uri in settings.OAUTH_REDIRECT_URIS]
    path = "admin/app/cpc/{appName}/oauth/callback"
    of_okta = [
        (name, f"https://system-admin.{host}/{path}") for name, host in OKTA.items()
    ]
    return of_entra + of_okta
