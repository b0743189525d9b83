"""One change of an organization's SAML settings at a time."""

from __future__ import annotations

from chatwork_admin.organizations.models import Organization, User
from saml_sso.models import IdentityProvider


class NotConfigured(Exception):
    """The organization has no SAML settings yet, or somebody has removed them."""


class NotAllowed(Exception):
    """Only the organization administrator may do this."""


def lock_settings(organization: Organization) -> IdentityProvider | None:
    """Return what is trusted, locked for the rest of the transaction; None for nothing.

    Without a row there is nothing to lock: the organization's row stands in for it.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    stored = IdentityProvider.objects.select_for_update()
    return stored.filter(organization=organization).first()


def lock_configured(organization: Organization) -> IdentityProvider:
    """Return what is trusted, locked. Raises NotConfigured."""
    provider = lock_settings(organization)
    if provider is None:
        raise NotConfigured(NotConfigured.__doc__)
    return provider


def require_administrator(organization: Organization, person: User) -> None:
    """Ask again under the lock, which a transfer takes too. Raises NotAllowed."""
    present = organization.users.present()
    if not present.filter(pk=person.pk, role=User.Role.ADMINISTRATOR).exists():
        raise NotAllowed(NotAllowed.__doc__)
