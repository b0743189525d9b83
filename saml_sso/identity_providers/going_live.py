"""While SAML is on, untested settings count for everybody at once: ask before."""

from __future__ import annotations

from saml_sso.identity_providers.history import Kept, Said
from saml_sso.identity_providers.ways_in import around_saml, mode_of
from saml_sso.models import IdentityProvider


class GoesLive(Exception):
    """SAML is on: untested settings would count for everybody at once."""

    def __init__(self, changes: list[Said]) -> None:
        super().__init__(GoesLive.__doc__)
        self.changes = changes


def require_confirmed(
    provider: IdentityProvider, kept: Kept, *, is_confirmed: bool
) -> None:
    """Raise GoesLive for a version just kept that needs a test, while SAML is on.

    Unless somebody has confirmed it, and the administrator gets in if it is wrong.
    """
    if not provider.is_on or provider.config_version != kept.number:
        return
    if provider.is_tested:
        return
    if not (is_confirmed and around_saml(provider.organization, mode_of(provider))):
        raise GoesLive(kept.changes)
