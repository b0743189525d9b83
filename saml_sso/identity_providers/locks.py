"""One change of an organization's SAML settings at a time."""

from __future__ import annotations

from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations import administrator_right
from chatwork_admin.organizations.models import Organization
from saml_sso.models import IdentityProvider


class NotConfigured(Exception):
    """The organization has no SAML settings yet, or somebody has removed them."""


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


def lock_settings_for(
    actor: Actor, organization: Organization
) -> IdentityProvider | None:
    """Lock them for whoever changes them. Raises administrator_right.NotAllowed."""
    administrator_right.hold(organization, actor)
    return lock_settings(organization)


def lock_configured_for(actor: Actor, organization: Organization) -> IdentityProvider:
    """Raises administrator_right.NotAllowed, NotConfigured."""
    administrator_right.hold(organization, actor)
    return lock_configured(organization)
