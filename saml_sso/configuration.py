"""Store, change and remove what an organization trusts for SAML sign-in."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import Organization
from saml_sso.certificates import SigningCertificate
from saml_sso.models import IdentityProvider, TrustedCertificate
from saml_sso.trust import IdentityProviderSettings


class Superseded(Exception):
    """Somebody else has changed the settings since they were read."""

    def __init__(self, provider: IdentityProvider | None) -> None:
        super().__init__(Superseded.__doc__)
        self.changed_by = provider.changed_by if provider else ""
        self.changed_at = provider.changed_at if provider else timezone.now()


class StillNeeded(Exception):
    """User synchronization is on and needs SAML; disable it first."""


@transaction.atomic
def configure(
    organization: Organization,
    settings: IdentityProviderSettings,
    *,
    actor: Actor,
    seen_version: int | None,
) -> IdentityProvider:
    """Trust what `settings` say. The same settings again change and record nothing.

    `seen_version`: the `config_version` that the person saw, None where nothing was
    stored. Raises Superseded when it is another by now.
    """
    # Without a row there is nothing to lock: the organization's row stands in for it.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    stored = IdentityProvider.objects.select_for_update()
    provider = stored.filter(organization=organization).first()
    if provider is not None and _says_the_same(provider, settings):
        return provider
    if seen_version != (provider.config_version if provider else None):
        raise Superseded(provider)
    before = _trusted(provider) if provider else {}
    provider = provider or IdentityProvider(organization=organization)
    provider.config_version = _next_version(organization)
    _write(provider, settings, actor)
    _record(Action.SAML_UPDATED, provider, actor, _changes(before, _trusted(provider)))
    return provider


@transaction.atomic
def remove(organization: Organization, *, actor: Actor) -> None:
    """Trust nobody any more. Raises StillNeeded while user synchronization is on."""
    stored = IdentityProvider.objects.select_for_update()
    provider = stored.filter(organization=organization).first()
    if provider is None:
        return
    trusted = _trusted(provider)
    try:
        provider.delete()
    except ProtectedError as error:  # the gate holds on to it
        raise StillNeeded(StillNeeded.__doc__) from error
    _record(Action.SAML_REMOVED, provider, actor, _changes(trusted, {}))


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


def _next_version(organization: Organization) -> int:
    """Never use a number again, also after a removal: tests are tied to it."""
    organization.saml_versions = F("saml_versions") + 1
    organization.save(update_fields=["saml_versions"])
    organization.refresh_from_db(fields=["saml_versions"])
    return organization.saml_versions


def _trusted(provider: IdentityProvider) -> dict[str, object]:
    """Return what is public of the trust, to say what changed."""
    thumbprints = provider.certificates.order_by("sha1").values_list("sha1", flat=True)
    addresses = {name: getattr(provider, name) for name in ADDRESSES}
    return addresses | {"certificates": list(thumbprints)}


def _changes(
    before: dict[str, object], after: dict[str, object]
) -> list[dict[str, object]]:
    return [
        {"attribute": name, "before": before.get(name), "after": after.get(name)}
        for name in before | after
        if before.get(name) != after.get(name)
    ]


def _record(
    action: Action,
    provider: IdentityProvider,
    actor: Actor,
    changes: list[dict[str, object]],
) -> None:
    record(
        action,
        organization_id=provider.organization_id,
        actor=actor,
        target=Target("identity-provider", provider.entity_id, provider.entity_id),
        changes=changes,
        context={"version": provider.config_version},
    )


ADDRESSES = (
    "entity_id",
    "single_sign_on_url",
    "single_logout_url",
    "after_logout_url",
)
