"""Why somebody cannot receive the administrator right, and what to do about it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatwork_admin.organizations.models import User
from saml_sso.identity_providers import administrators
from saml_sso.identity_providers.administrators import Obstacle
from saml_sso.models import identity_provider_of

WORDS = {
    Obstacle.DELETED: _(
        "This person is in the recycle bin and cannot receive the administrator right. "
        "Restore the person first."
    ),
    Obstacle.SUSPENDED: _(
        "This person is suspended and cannot receive the administrator right. Have the "
        "person activated again first, in Entra ID if it manages this person."
    ),
    Obstacle.NEVER_SIGNED_IN: _(
        "This person has not signed in yet and cannot receive the administrator right. "
        "Ask the person to sign in once."
    ),
    Obstacle.NO_WAY_IN: _(
        "This person could not get in: as things are, neither a password nor SAML lets "
        "them in. Let SAML sign-in be on, and the person sign in with Entra ID once."
    ),
}


def why_not(person: User) -> Promise | None:
    """Return what keeps the right from being transferred to them, if anything does."""
    provider = identity_provider_of(person.organization)
    found = administrators.obstacle(provider, person)
    return WORDS[found] if found else None
