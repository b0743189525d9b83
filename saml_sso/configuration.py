"""Store, change and remove what an organization trusts for SAML sign-in."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import Organization
from saml_sso.certificates import SigningCertificate
from saml_sso.models import IdentityProvider, TrustedCertificate
from saml_sso.trust import IdentityProviderSettings


class StillNeeded(Exception):
    """User synchronization is on and needs SAML; disable it first."""


@transaction.atomic
def configure(
    organization: Organization, settings: IdentityProviderSettings, *, actor: Actor
) -> IdentityProvider:
    """Trust what `settings` say. The same settings again change and record nothing."""
    # Without a row there is nothing to lock: the organization's row stands in for it.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    stored = IdentityProvider.objects.select_for_update()
    provider = stored.filter(organization=organization).first()
    if provider is not None and _says_the_same(provider, settings):
        return provider
    if provider is None:
        provider = IdentityProvider(organization=organization)
    else:
        provider.config_version += 1
    _write(provider, settings, actor)
    _record(Action.SAML_UPDATED, provider, actor)
    return provider


@transaction.atomic
def remove(organization: Organization, *, actor: Actor) -> None:
    """Trust nobody any more. Raises StillNeeded while user synchronization is on."""
    stored = IdentityProvider.objects.select_for_update()
    provider = stored.filter(organization=organization).first()
    if provider is None:
        return
    try:
        provider.delete()
    except ProtectedError as error:  # the gate holds on to it
        raise StillNeeded(StillNeeded.__doc__) from error
    _record(Action.SAML_REMOVED, provider, actor)


def _says_the_same(
    provider: IdentityProvider, settings: IdentityProviderSettings
) -> bool:
    trusted = set(provider.certificates.values_list("sha256", flat=True))
    return trusted == {each.sha256 for each in settings.certificates} and all(
        getattr(provider, name) == getattr(settings, name) for name in ADDRESSES
    )


def _write(
    provider: IdentityProvider, settings: IdentityProviderSettings, actor: Actor
) -> None:
    for name in ADDRESSES:
        setattr(provider, name, getattr(settings, name))
    provider.changed_at, provider.changed_by = timezone.now(), actor.label
    provider.save()
    provider.certificates.all().delete()
    TrustedCertificate.objects.bulk_create(
        _row(provider, certificate) for certificate in settings.certificates
    )


def _row(
    provider: IdentityProvider, certificate: SigningCertificate
) -> TrustedCertificate:
    return TrustedCertificate(
        organization=provider.organization,
        identity_provider=provider,
        pem=certificate.pem,
        subject=certificate.subject[:512],
        sha1=certificate.sha1,
        sha256=certificate.sha256,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        key_bits=certificate.key_bits,
    )


def _record(action: Action, provider: IdentityProvider, actor: Actor) -> None:
    record(
        action,
        organization_id=provider.organization_id,
        actor=actor,
        target=Target("identity-provider", provider.entity_id, provider.entity_id),
        context={"version": provider.config_version},
    )


ADDRESSES = (
    "entity_id",
    "single_sign_on_url",
    "single_logout_url",
    "after_logout_url",
)
