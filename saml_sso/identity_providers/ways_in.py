"""By what a person gets in: SAML, a password, or what goes around SAML."""

from __future__ import annotations

from django.utils import timezone

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.organizations.proofs import second_factor
from saml_sso.models import (
    BreakGlassCode,
    IdentityProvider,
    LinkedIdentity,
    TrustedCertificate,
)

Mode = IdentityProvider.Mode


class NoWayAround(Exception):
    """If SAML failed now, the organization administrator could not get in."""


def mode_of(provider: IdentityProvider | None) -> Mode:
    return Mode(provider.mode) if provider else Mode.OFF


def by_password(person: User, mode: Mode) -> bool:
    """Say whether a password opens to an administrator in this mode.

    Where SAML is required, it does at the way around, together with a code of the app.
    """
    if not person.has_usable_password():
        return False
    return mode != Mode.REQUIRED or second_factor.is_set_up(person)


def by_saml(person: User, provider: IdentityProvider | None) -> bool:
    """Say whether SAML is on, has a valid certificate, and has let this person in."""
    if provider is None or not provider.is_on:
        return False
    return has_signed_in(provider, person) and has_valid_certificate(provider)


def has_signed_in(provider: IdentityProvider, person: User) -> bool:
    """Say whether a person has ever come in by this identity provider."""
    identities = LinkedIdentity.objects.filter(organization=provider.organization_id)
    return identities.filter(user=person, issuer=provider.entity_id).exists()


def has_valid_certificate(provider: IdentityProvider) -> bool:
    now = timezone.now()
    trusted = provider.certificates.trusted()
    return trusted.filter(not_before__lte=now, not_after__gte=now).exists()


def valid_certificate(provider: IdentityProvider | None) -> TrustedCertificate | None:
    """Return the trusted certificate that is valid now and lasts longest."""
    now = timezone.now()
    certificates = list(provider.certificates.all()) if provider else []
    trusted = [each for each in certificates if each.is_trusted]
    valid = [each for each in trusted if each.is_valid_at(now)]
    return max(valid, key=lambda each: each.not_after, default=None)


def around_saml(organization: Organization, mode: Mode) -> bool:
    """Say whether the administrator gets in without SAML: by a password, or by a code.

    An emergency code opens in every mode, to whoever has no password without one.
    """
    administrator = organization.users.get(role=User.Role.ADMINISTRATOR)
    codes = BreakGlassCode.objects.filter(organization=organization, used_at=None)
    return by_password(administrator, mode) or codes.exists()
