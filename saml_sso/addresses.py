"""Our own SAML addresses, one set for each organization, under its random public id.

They are built from configuration, never from the Host header of a request.
"""

from __future__ import annotations

from django.conf import settings

from chatwork_admin.organizations.models import Organization


def metadata_url(organization: Organization) -> str:
    """Return the address of our metadata, which is also our entity id."""
    return _absolute(organization, "metadata")


def acs_url(organization: Organization) -> str:
    """Return the assertion consumer service; Entra calls it the Reply URL."""
    return _absolute(organization, "acs")


def login_url(organization: Organization) -> str:
    return _absolute(organization, "login")


def logout_url(organization: Organization) -> str:
    return _absolute(organization, "logout")


def sign_on_url(organization: Organization) -> str:
    """Return the dedicated login URL; Entra calls it the Sign on URL."""
    return f"{settings.BASE_URL}/s/{organization.slug}/"


def bypass_url(organization: Organization) -> str:
    """Return the administrator's way in around SAML, spelled as Chatwork spells it."""
    return f"{sign_on_url(organization)}?sso_skip=1"


def _absolute(organization: Organization, name: str) -> str:
    return f"{settings.BASE_URL}/saml/{organization.public_id}/{name}"
