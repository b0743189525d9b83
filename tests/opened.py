"""An open gate in the fewest statements: two thousand tests begin with one.

`tests/synchronization/test_opened.py` compares with what the product leaves behind.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import SYSTEM, Actor
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import consent, gate
from chatwork_admin.synchronization.models import UserSynchronization
from saml_sso.identity_providers import configuration, history
from saml_sso.identity_providers.trust import IdentityProviderSettings
from saml_sso.models import IdentityProvider, SettingsVersion


@transaction.atomic
def open_gate(
    organization: Organization,
    settings: IdentityProviderSettings,
    administrator: User,
    *,
    acceptance: consent.Acceptance,
    actor: Actor,
) -> None:
    """Trust an identity provider, switch SAML on and open the gate, for the first time."""
    provider = _trusted(organization, settings, administrator)
    consent.store(organization, administrator, acceptance, actor)
    gate._open(UserSynchronization(organization=organization), provider, administrator)
    gate._record(
        Action.SYNC_ENABLED,
        organization,
        actor,
        accepted=sorted(acceptance.keys),
        emergency_access=gate._emergency_access(provider),
    )


def _trusted(
    organization: Organization, settings: IdentityProviderSettings, tester: User
) -> IdentityProvider:
    provider = configuration._new(organization)
    configuration._write(provider, settings, history.ADDRESSES)
    provider.mode, provider.config_version = IdentityProvider.Mode.OPTIONAL, 1
    provider.tested_version, provider.tested_by = 1, tester
    provider.tested_at = provider.changed_at = timezone.now()
    provider.changed_by = SYSTEM.label
    provider.save(force_insert=True)
    for each in settings.certificates:
        row = configuration.row_of(provider, each, configuration.State.ACTIVE)
        row.save(force_insert=True)
    _keep(provider, settings)
    return provider


def _keep(provider: IdentityProvider, settings: IdentityProviderSettings) -> None:
    """Store and record the first version."""
    provider.organization.saml_versions = 1
    provider.organization.save(update_fields=["saml_versions"])
    said = {
        name: getattr(provider, name) for name in history.ADDRESSES + history.OPTIONS
    } | {"certificates": [each.pem for each in settings.certificates]}
    SettingsVersion.objects.create(
        organization=provider.organization,
        number=1,
        settings=said,
        saved_at=provider.changed_at,
        saved_by=provider.changed_by,
    )
    kept = history.Kept(1, history.differences({}, history._public(said)))
    configuration._record(Action.SAML_UPDATED, provider, SYSTEM, kept)
