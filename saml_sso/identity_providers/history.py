"""The versions of an organization's SAML settings, kept whatever becomes of them.

Every change of what is trusted is a version with a number of its own, which is never
given again. `IdentityProvider.config_version` is the last one that needs a new test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F
from django.utils import timezone

from chatwork_admin.audit.recording import Actor
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers.certificates import parse_certificate
from saml_sso.models import IdentityProvider, SettingsVersion, TrustedCertificate

ADDRESSES = (
    "entity_id",
    "single_sign_on_url",
    "single_logout_url",
    "after_logout_url",
)
OPTIONS = (
    "name_id_format",
    "sign_requests",
    "require_signed_response",
    "allow_idp_initiated",
)
TEST = ("tested_version", "tested_at", "tested_by")
# Neither can make a sign-in fail.
UNTESTED = {"after_logout_url", "allow_idp_initiated"}

Said = dict[str, Any]


class Kept(NamedTuple):
    """The number of the version just stored, and what it changed."""

    number: int
    changes: list[Said]


@dataclass(frozen=True, slots=True)
class Version:
    """One version with what it changed: attribute, before, after; certificates by SHA-1."""

    stored: SettingsVersion
    changes: list[Said]


def described(provider: IdentityProvider) -> Said:
    """Return what is public of the trust, to say what changed."""
    return _public(snapshot(provider))


def snapshot(provider: IdentityProvider) -> Said:
    """Return what is trusted, so that it can be trusted again: certificates as PEM."""
    trusted = provider.certificates.trusted().order_by("added_at", "sha256")
    said = {name: getattr(provider, name) for name in ADDRESSES + OPTIONS}
    return said | {"certificates": list(trusted.values_list("pem", flat=True))}


def keep(provider: IdentityProvider, before: Said, *, actor: Actor) -> Kept:
    """Store what is trusted now as the next version, where it differs from `before`.

    Call it under the lock of the settings, once the change is written. It needs a new
    test, unless certificates were added only, or the one that signed last is left, or
    exactly these settings have passed one and it is among them.
    """
    changes = differences(before, described(provider))
    number = _next_number(provider.organization)
    if _needs_test(provider, changes):
        provider.config_version = number
        _take_over_test(provider)
    provider.changed_at, provider.changed_by = timezone.now(), actor.label
    provider.save(update_fields=[*TEST, "config_version", "changed_at", "changed_by"])
    _store(provider, number)
    return Kept(number, changes)


def note_test(provider: IdentityProvider, tester: User | None) -> None:
    """Note that the settings as they are have passed a test, under their lock."""
    provider.tested_version = provider.config_version
    provider.tested_at, provider.tested_by = timezone.now(), tester
    provider.save(update_fields=TEST)
    present = provider.organization.saml_settings_versions.first()
    if present is not None:
        present.tested_at, present.tested_by = provider.tested_at, tester
        present.save(update_fields=["tested_at", "tested_by"])


def signed_last(provider: IdentityProvider) -> TrustedCertificate | None:
    """Return the certificate that signed the last answer that was believed."""
    used = {
        each.last_used_at: each
        for each in provider.certificates.all()
        if each.last_used_at is not None
    }
    return used[max(used)] if used else None


def versions_of(organization: Organization, *, most: int) -> list[Version]:
    """Return the last versions, newest first, each with what it changed."""
    stored = list(organization.saml_settings_versions.all()[: most + 1])
    said = [_public(each.settings) for each in stored]
    said.append({})
    return [
        Version(each, differences(said[place + 1], said[place]))
        for place, each in enumerate(stored[:most])
    ]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Said]:
    """Return attribute, before and after of whatever is not the same."""
    return [
        {"attribute": name, "before": before.get(name), "after": after.get(name)}
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]


def _public(settings: Mapping[str, Any]) -> Said:
    thumbprints = (parse_certificate(pem).sha1 for pem in settings["certificates"])
    return {**settings, "certificates": sorted(thumbprints)}


def _needs_test(provider: IdentityProvider, changes: list[Said]) -> bool:
    changed = {change["attribute"]: change for change in changes}
    certificates = changed.pop("certificates", {})
    if changed.keys() - UNTESTED:
        return True
    dropped = set(certificates.get("before", ())) - set(certificates.get("after", ()))
    return bool(dropped) and not _trusts_who_signed_last(provider)


def _trusts_who_signed_last(provider: IdentityProvider) -> bool:
    """One that signed before may be a key that the identity provider has given up."""
    last = signed_last(provider)
    return last is not None and last.is_trusted and last.is_valid_at(timezone.now())


def _take_over_test(provider: IdentityProvider) -> None:
    """Count a test that the same settings have passed as an earlier version."""
    if not _trusts_who_signed_last(provider):
        return
    present = _essential(snapshot(provider))
    tested = provider.organization.saml_settings_versions.exclude(tested_at=None)
    for version in tested:
        if _essential(version.settings) == present:
            provider.tested_version = provider.config_version
            provider.tested_at, provider.tested_by = (
                version.tested_at,
                version.tested_by,
            )
            return


def _essential(settings: Mapping[str, Any]) -> Said:
    kept = {name: said for name, said in settings.items() if name not in UNTESTED}
    return kept | {"certificates": set(settings["certificates"])}


def _store(provider: IdentityProvider, number: int) -> None:
    SettingsVersion.objects.create(
        organization=provider.organization,
        number=number,
        settings=snapshot(provider),
        saved_at=provider.changed_at,
        saved_by=provider.changed_by,
        tested_at=provider.tested_at if provider.is_tested else None,
        tested_by=provider.tested_by if provider.is_tested else None,
    )


def _next_number(organization: Organization) -> int:
    """Never use a number again, also after a removal: tests are tied to it."""
    organization.saml_versions = F("saml_versions") + 1
    organization.save(update_fields=["saml_versions"])
    organization.refresh_from_db(fields=["saml_versions"])
    return organization.saml_versions
