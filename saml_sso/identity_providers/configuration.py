"""Store, change and remove what an organization trusts for SAML sign-in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import Organization
from saml_sso.identity_providers import break_glass, history
from saml_sso.identity_providers.certificates import SigningCertificate
from saml_sso.identity_providers.going_live import require_confirmed
from saml_sso.identity_providers.history import Kept
from saml_sso.identity_providers.locks import lock_configured_for, lock_settings_for
from saml_sso.identity_providers.options import Options
from saml_sso.identity_providers.trust import IdentityProviderSettings
from saml_sso.identity_providers.ways_in import NoWayAround, around_saml
from saml_sso.models import IdentityProvider, TrustedCertificate

State = TrustedCertificate.State


class Superseded(Exception):
    """Somebody else has changed the settings since they were read."""

    def __init__(self, provider: IdentityProvider | None) -> None:
        super().__init__(Superseded.__doc__)
        self.changed_by = provider.changed_by if provider else ""
        self.changed_at = provider.changed_at if provider else timezone.now()


class StillNeeded(Exception):
    """SAML is on. Switch it off first; for that, user synchronization must be off."""


@transaction.atomic
def configure(
    organization: Organization,
    settings: IdentityProviderSettings,
    *,
    actor: Actor,
    seen_version: int | None,
    is_confirmed: bool = False,
) -> IdentityProvider:
    """Trust what `settings` say. The same settings again change and record nothing.

    Certificates that `settings` leave out are retired, new ones beside them wait as
    next. `seen_version`: the number of the last version that the person saw, None
    where nothing was stored. Raises Superseded when it is another by now, and GoesLive
    while SAML is on and a new test is needed, unless the person has confirmed that
    (`is_confirmed`) and the administrator gets in should the settings be wrong;
    administrator_right.NotAllowed, as everything here.
    """
    provider = lock_settings_for(actor, organization)
    if provider is not None and _says_the_same(provider, settings):
        return provider
    _require_seen(organization, provider, seen_version)
    options = options_of(provider) if provider else Options()
    wanted = Wanted(settings, options, Action.SAML_UPDATED, is_confirmed)
    return store(organization, provider, wanted, actor)


@transaction.atomic
def change_options(
    organization: Organization,
    options: Options,
    *,
    actor: Actor,
    seen_version: int | None,
    is_confirmed: bool = False,
) -> None:
    """Change how sign-ins are done. The same again changes and records nothing.

    Raises NotConfigured, and Superseded and GoesLive as `configure` does.
    """
    provider = lock_configured_for(actor, organization)
    if options_of(provider) == options:
        return
    _require_seen(organization, provider, seen_version)
    before = history.described(provider)
    _write(provider, options, history.OPTIONS)
    provider.save()
    kept = _keep(provider, before, is_confirmed=is_confirmed, actor=actor)
    _record(Action.SAML_UPDATED, provider, actor, kept)


@transaction.atomic
def remove(organization: Organization, *, actor: Actor) -> None:
    """Trust nobody any more; versions are kept.

    Raises StillNeeded while SAML is on, and NoWayAround.
    """
    provider = lock_settings_for(actor, organization)
    if provider is None:
        return
    if provider.is_on:
        raise StillNeeded(StillNeeded.__doc__)
    if not around_saml(organization, IdentityProvider.Mode.OFF):
        raise NoWayAround(NoWayAround.__doc__)
    before = history.described(provider)
    try:
        provider.delete()
    except ProtectedError as error:  # the gate holds on to it
        raise StillNeeded(StillNeeded.__doc__) from error
    changes = history.differences(before, {})
    _record(
        Action.SAML_REMOVED, provider, actor, Kept(provider.config_version, changes)
    )


class Wanted(NamedTuple):
    """What to trust, how the audit log calls the change, and whether it may go live."""

    settings: IdentityProviderSettings
    options: Options
    action: Action
    is_confirmed: bool


def store(
    organization: Organization,
    provider: IdentityProvider | None,
    wanted: Wanted,
    actor: Actor,
) -> IdentityProvider:
    """Write, number and record a version, under the lock of the settings.

    Raises GoesLive.
    """
    before = history.described(provider) if provider else {}
    provider = provider or _new(organization)
    _write(provider, wanted.settings, history.ADDRESSES)
    _write(provider, wanted.options, history.OPTIONS)
    provider.save()
    _trust(provider, wanted.settings.certificates)
    kept = _keep(provider, before, is_confirmed=wanted.is_confirmed, actor=actor)
    _record(wanted.action, provider, actor, kept)
    return provider


def options_of(provider: IdentityProvider) -> Options:
    return Options(**{name: getattr(provider, name) for name in history.OPTIONS})


def row_of(
    provider: IdentityProvider, certificate: SigningCertificate, state: State
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
        state=state,
    )


def _says_the_same(
    provider: IdentityProvider, settings: IdentityProviderSettings
) -> bool:
    trusted = provider.certificates.trusted()
    return set(trusted.values_list("sha256", flat=True)) == {
        each.sha256 for each in settings.certificates
    } and all(
        getattr(provider, name) == getattr(settings, name) for name in history.ADDRESSES
    )


def _require_seen(
    organization: Organization,
    provider: IdentityProvider | None,
    seen_version: int | None,
) -> None:
    organization.refresh_from_db(fields=["saml_versions"])
    if seen_version != (organization.saml_versions if provider else None):
        raise Superseded(provider)


def _new(organization: Organization) -> IdentityProvider:
    """Whoever has come in around SAML need not try that out anew."""
    proven_at = break_glass.proven_at(organization)
    return IdentityProvider(organization=organization, bypass_proven_at=proven_at)


def _write(
    provider: IdentityProvider,
    said: IdentityProviderSettings | Options,
    names: Iterable[str],
) -> None:
    for name in names:
        setattr(provider, name, getattr(said, name))


def _trust(provider: IdentityProvider, wanted: Iterable[SigningCertificate]) -> None:
    """Trust these certificates and no others; what is known of each is kept.

    The new come before the old go: a provider in use is never without one. What was
    proposed goes too: it was for the settings before.
    """
    known = {each.sha256: each for each in provider.certificates.all()}
    given = {each.sha256: each for each in wanted}
    trusted = {sha256 for sha256, each in known.items() if each.is_trusted}
    state = State.NEXT if trusted & given.keys() else State.ACTIVE
    for sha256 in (each for each in given if each not in trusted):
        row = known.get(sha256) or row_of(provider, given[sha256], state)
        row.state = state
        row.save()
    provider.certificates.filter(sha256__in=trusted - given.keys()).update(
        state=State.RETIRED
    )
    provider.certificates.proposed().delete()


def _keep(
    provider: IdentityProvider,
    before: history.Said,
    *,
    is_confirmed: bool,
    actor: Actor,
) -> Kept:
    kept = history.keep(provider, before, actor=actor)
    require_confirmed(provider, kept, is_confirmed=is_confirmed)
    return kept


def _record(
    action: Action, provider: IdentityProvider, actor: Actor, kept: Kept
) -> None:
    record(
        action,
        organization_id=provider.organization_id,
        actor=actor,
        target=target_of(provider),
        changes=kept.changes,
        context={"version": kept.number},
    )


def target_of(provider: IdentityProvider) -> Target:
    return Target("identity-provider", provider.entity_id, provider.entity_id)
