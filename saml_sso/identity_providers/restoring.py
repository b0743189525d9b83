"""Bring back an earlier version of an organization's SAML settings."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.models import Organization
from saml_sso.identity_providers import history
from saml_sso.identity_providers.certificates import (
    SigningCertificate,
    parse_certificate,
)
from saml_sso.identity_providers.configuration import Wanted, store
from saml_sso.identity_providers.locks import lock_settings_for
from saml_sso.identity_providers.options import Options
from saml_sso.identity_providers.trust import IdentityProviderSettings
from saml_sso.models import IdentityProvider, SettingsVersion


class NoSuchVersion(Exception):
    """The organization has no version of this number."""


class CertificatesExpired(Exception):
    """No certificate of this version is valid any more."""


@transaction.atomic
def restore(
    organization: Organization,
    number: int,
    *,
    actor: Actor,
    is_confirmed: bool = False,
) -> IdentityProvider:
    """Trust again what a version says, as a new version; expired certificates are left out.

    Restoring what is trusted now changes and records nothing. Raises NoSuchVersion,
    CertificatesExpired, and GoesLive as `configuration.configure` does.
    """
    provider = lock_settings_for(actor, organization)
    version = organization.saml_settings_versions.filter(number=number).first()
    if version is None:
        raise NoSuchVersion(NoSuchVersion.__doc__)
    if provider is not None and history.snapshot(provider) == version.settings:
        return provider
    settings, options = _settings(version), _options(version)
    wanted = Wanted(settings, options, Action.SAML_RESTORED, is_confirmed)
    return store(organization, provider, wanted, actor)


def _settings(version: SettingsVersion) -> IdentityProviderSettings:
    return IdentityProviderSettings(
        certificates=_certificates(version),
        **{name: version.settings[name] for name in history.ADDRESSES},
    )


def _options(version: SettingsVersion) -> Options:
    return Options(**{name: version.settings[name] for name in history.OPTIONS})


def _certificates(version: SettingsVersion) -> tuple[SigningCertificate, ...]:
    now = timezone.now()
    stored = map(parse_certificate, version.settings["certificates"])
    current = tuple(each for each in stored if not each.has_expired_at(now))
    if not any(each.is_valid_at(now) for each in current):
        raise CertificatesExpired(CertificatesExpired.__doc__)
    return current
