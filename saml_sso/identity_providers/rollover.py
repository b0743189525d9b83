"""One signing certificate after another: added ahead, activated, retired, removed.

One that waits as next is trusted like the active one. So none of these steps interrupts
sign-ins, whichever key the identity provider uses. One that metadata names is proposed
only: nothing signed with it is accepted before the administrator trusts it.
"""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.recording import Actor, Target, record
from chatwork_admin.organizations.models import Organization
from saml_sso.identity_providers import history
from saml_sso.identity_providers.certificates import (
    MOST_CERTIFICATES,
    SigningCertificate,
)
from saml_sso.identity_providers.configuration import row_of
from saml_sso.identity_providers.locks import lock_configured_for
from saml_sso.models import IdentityProvider, TrustedCertificate

State = TrustedCertificate.State


class NoSuchCertificate(Exception):
    """The organization has no such certificate, or somebody has removed it."""


class AlreadyTrusted(Exception):
    """This certificate is trusted already; nothing was changed."""


class TooManyCertificates(Exception):
    """Four certificates are trusted already; retire one first."""


class CertificateExpired(Exception):
    """This certificate has expired; nothing signed with it is accepted."""


class LastCertificate(Exception):
    """No other certificate is valid now: without it nobody could sign in by SAML."""


class SignedLast(Exception):
    """The last sign-in was signed with this certificate, so the next may be, too."""


@transaction.atomic
def add(
    organization: Organization, certificate: SigningCertificate, *, actor: Actor
) -> TrustedCertificate:
    """Trust one more certificate, ahead of its use; the test stays passed.

    Raises locks.NotConfigured, AlreadyTrusted, CertificateExpired and
    TooManyCertificates.
    """
    provider = lock_configured_for(actor, organization)
    row = provider.certificates.filter(sha256=certificate.sha256).first()
    row = row or row_of(provider, certificate, State.PROPOSED)
    _trust(provider, row, actor)
    return row


@transaction.atomic
def propose(
    organization: Organization, certificate: SigningCertificate, *, actor: Actor
) -> None:
    """Show a certificate to the administrator, who decides; it is not trusted.

    One that is known is left as it is. Raises locks.NotConfigured.
    """
    provider = lock_configured_for(actor, organization)
    if provider.certificates.filter(sha256=certificate.sha256).exists():
        return
    row = row_of(provider, certificate, State.PROPOSED)
    row.save()
    _record(provider, row, Action.SAML_CERTIFICATE_PROPOSED, actor)


@transaction.atomic
def trust(
    organization: Organization, certificate_id: uuid.UUID, *, actor: Actor
) -> None:
    """Trust a certificate that was proposed, as `add` does. Raises as it does.

    And NoSuchCertificate.
    """
    provider = lock_configured_for(actor, organization)
    _trust(provider, _find(provider, certificate_id), actor)


@transaction.atomic
def activate(
    organization: Organization, certificate_id: uuid.UUID, *, actor: Actor
) -> None:
    """Say that the identity provider signs with it now; a retired one is trusted again.

    Raises locks.NotConfigured, NoSuchCertificate, CertificateExpired and
    TooManyCertificates.
    """
    provider = lock_configured_for(actor, organization)
    row = _find(provider, certificate_id)
    if row.state == State.ACTIVE:
        return
    if not row.is_trusted:
        _require_room(provider, row)
    before = history.described(provider)
    row.state = State.ACTIVE
    row.save(update_fields=["state"])
    _keep(provider, before, row, Action.SAML_CERTIFICATE_ACTIVATED, actor)


@transaction.atomic
def retire(
    organization: Organization, certificate_id: uuid.UUID, *, actor: Actor
) -> None:
    """Trust it no longer, or not at all, but remember it. Raises as `remove` does."""
    provider = lock_configured_for(actor, organization)
    row = _find(provider, certificate_id)
    if row.state == State.RETIRED:
        return
    _require_another(provider, row)
    before = history.described(provider)
    row.state = State.RETIRED
    row.save(update_fields=["state"])
    _keep(provider, before, row, Action.SAML_CERTIFICATE_RETIRED, actor)


@transaction.atomic
def remove(
    organization: Organization, certificate_id: uuid.UUID, *, actor: Actor
) -> None:
    """Trust it no longer, and forget it.

    Raises locks.NotConfigured, NoSuchCertificate, and, while SAML is on,
    LastCertificate if no other certificate is valid, and SignedLast.
    """
    provider = lock_configured_for(actor, organization)
    row = _find(provider, certificate_id)
    _require_another(provider, row)
    before = history.described(provider)
    provider.certificates.filter(pk=row.pk).delete()
    _keep(provider, before, row, Action.SAML_CERTIFICATE_REMOVED, actor)


def is_last(provider: IdentityProvider, certificate: TrustedCertificate) -> bool:
    """Say whether nobody could sign in by SAML any more without this certificate."""
    valid = [each.pk for each in _trusted_now(provider)]
    return provider.is_on and valid == [certificate.pk]


def is_signing(provider: IdentityProvider, certificate: TrustedCertificate) -> bool:
    """Say whether the last sign-in was signed with this certificate, while SAML is on.

    Whoever made a slip in adding the next one, or takes the wrong one of two for the old
    one, learns of it before all are locked out.
    """
    last = history.signed_last(provider)
    is_valid = certificate.pk in [each.pk for each in _trusted_now(provider)]
    return provider.is_on and is_valid and last == certificate


def _trusted_now(provider: IdentityProvider) -> list[TrustedCertificate]:
    now = timezone.now()
    return [
        each
        for each in provider.certificates.all()
        if each.is_trusted and each.is_valid_at(now)
    ]


def _trust(provider: IdentityProvider, row: TrustedCertificate, actor: Actor) -> None:
    if row.is_trusted:
        raise AlreadyTrusted(AlreadyTrusted.__doc__)
    _require_room(provider, row)
    before = history.described(provider)
    row.state = State.NEXT
    row.save()
    _keep(provider, before, row, Action.SAML_CERTIFICATE_ADDED, actor)


def _find(provider: IdentityProvider, certificate_id: uuid.UUID) -> TrustedCertificate:
    row = provider.certificates.filter(pk=certificate_id).first()
    if row is None:
        raise NoSuchCertificate(NoSuchCertificate.__doc__)
    return row


def _require_room(provider: IdentityProvider, row: TrustedCertificate) -> None:
    if row.not_after < timezone.now():
        raise CertificateExpired(CertificateExpired.__doc__)
    if provider.certificates.trusted().count() >= MOST_CERTIFICATES:
        raise TooManyCertificates(TooManyCertificates.__doc__)


def _require_another(provider: IdentityProvider, row: TrustedCertificate) -> None:
    if is_last(provider, row):
        raise LastCertificate(LastCertificate.__doc__)
    if is_signing(provider, row):
        raise SignedLast(SignedLast.__doc__)


def _keep(
    provider: IdentityProvider,
    before: history.Said,
    row: TrustedCertificate,
    action: Action,
    actor: Actor,
) -> None:
    kept = None
    if before != history.described(provider):
        kept = history.keep(provider, before, actor=actor)
    _record(provider, row, action, actor, kept)


def _record(
    provider: IdentityProvider,
    row: TrustedCertificate,
    action: Action,
    actor: Actor,
    kept: history.Kept | None = None,
) -> None:
    record(
        action,
        organization_id=provider.organization_id,
        actor=actor,
        target=Target("certificate", str(row.pk), row.sha1),
        changes=kept.changes if kept else (),
        context={"version": kept.number} if kept else {},
    )
