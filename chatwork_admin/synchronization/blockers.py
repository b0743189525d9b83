"""What keeps the gate shut, asked before the click, to show it, and under lock."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import consent
from saml_sso.identity_providers.ways_in import valid_certificate
from saml_sso.models import IdentityProvider, identity_provider_of


class Blocker(StrEnum):
    """Why the gate stays shut, in the order an administrator clears them."""

    NOT_IN_PLAN = "not-in-plan"
    NOT_ADMINISTRATOR = "not-administrator"
    NOTICES_NOT_CONFIRMED = "notices-not-confirmed"
    SAML_MISSING = "saml-missing"
    CERTIFICATE_NOT_VALID = "certificate-not-valid"
    SAML_NOT_TESTED = "saml-not-tested"
    SAML_OFF = "saml-off"
    EMERGENCY_ACCESS_NOT_PROVEN = "emergency-access-not-proven"


def blockers(
    organization: Organization, *, administrator: User, acceptance: consent.Acceptance
) -> list[Blocker]:
    """Return what must be done before the gate may open; nothing when it may."""
    provider = identity_provider_of(organization)
    found = {
        Blocker.NOT_IN_PLAN: not organization.plan_includes_synchronization,
        Blocker.NOT_ADMINISTRATOR: not administrator.is_administrator,
        Blocker.NOTICES_NOT_CONFIRMED: bool(consent.missing_notices(acceptance.keys)),
        Blocker.SAML_MISSING: provider is None,
    }
    if provider is not None:
        found |= _saml_blockers(provider)
        found[Blocker.EMERGENCY_ACCESS_NOT_PROVEN] = (
            provider.bypass_proven_at is None and not acceptance.waives_emergency_access
        )
    return [blocker for blocker, is_found in found.items() if is_found]


def is_tested(provider: IdentityProvider) -> bool:
    """Say whether the present settings have passed a test of whoever administers now.

    A former administrator has shown that the former administrator gets in.
    """
    tester = provider.tested_by
    return provider.is_tested and tester is not None and tester.is_administrator


def _saml_blockers(provider: IdentityProvider) -> dict[Blocker, bool]:
    """The present settings must have passed a test, and let people in, now."""
    needs_test = settings.SYNC_REQUIRE_SAML_TEST
    return {
        Blocker.CERTIFICATE_NOT_VALID: valid_certificate(provider) is None,
        Blocker.SAML_NOT_TESTED: needs_test and not is_tested(provider),
        Blocker.SAML_OFF: not provider.is_on,
    }
