from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import configuration, history, restoring
from saml_sso.identity_providers.options import Options
from saml_sso.models import IdentityProvider, TrustedCertificate
from tests.conftest import actor_for
from tests.saml_sso import builders
from tests.saml_sso.test_configuration import configure, settings

LOGIN = "https://idp.example.com/"


def restore(organization: Organization, person: User, number: int) -> IdentityProvider:
    return restoring.restore(
        organization, number, actor=actor_for(person), is_confirmed=True
    )


def test_every_save_is_a_version_that_says_who_when_and_what(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(f"{LOGIN}a"), None)
    configure(acme, alice, settings(f"{LOGIN}b"), 1)

    second, first = history.versions_of(acme, most=10)
    assert (second.stored.number, first.stored.number) == (2, 1)
    assert second.stored.saved_by == "alice@acme.test"
    assert second.changes == [
        {"attribute": "entity_id", "before": f"{LOGIN}a", "after": f"{LOGIN}b"}
    ]
    assert {each["before"] for each in first.changes} == {None}
    assert len(history.versions_of(acme, most=1)) == 1


def test_restoring_is_a_new_version_that_trusts_what_was_trusted(
    acme: Organization, alice: User
) -> None:
    first = configure(acme, alice, settings(f"{LOGIN}a"), None)
    IdentityProvider.objects.update(tested_version=1, mode="optional")
    configuration.change_options(
        acme,
        Options(sign_requests=False),
        actor=actor_for(alice),
        seen_version=1,
        is_confirmed=True,
    )
    configure(acme, alice, settings(f"{LOGIN}b"), 2)

    restored = restore(acme, alice, 1)

    assert restored.pk == first.pk
    assert restored.entity_id == f"{LOGIN}a"
    assert restored.sign_requests
    assert (restored.config_version, restored.is_tested) == (4, False)
    assert restored.mode == "optional"
    event = AuditEvent.objects.get(action="saml.restored")
    assert event.context["version"] == 4


def test_restoring_what_is_trusted_now_changes_and_records_nothing(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    restored = restore(acme, alice, 1)

    assert restored.config_version == acme.saml_settings_versions.count() == 1
    assert not AuditEvent.objects.filter(action="saml.restored").exists()


def test_settings_that_were_removed_come_back(acme: Organization, alice: User) -> None:
    configure(acme, alice, settings(), None)
    configuration.remove(acme, actor=actor_for(alice))
    restored = restore(acme, alice, 1)

    assert restored.mode == "off"
    assert restored.certificates.get().state == "active"
    assert restored.config_version == 2


def test_certificates_that_have_expired_since_stay_away(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    configure(acme, alice, settings(f"{LOGIN}b"), 1)
    now = timezone.now()
    version = acme.saml_settings_versions.get(number=1)
    old = builders.pem(
        not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
    )
    version.settings["certificates"].append(old)
    version.save()

    restore(acme, alice, 1)

    assert TrustedCertificate.objects.get().state == "active"


def test_a_version_without_a_valid_certificate_is_not_restored(
    acme: Organization, alice: User
) -> None:
    configure(acme, alice, settings(), None)
    configure(acme, alice, settings(f"{LOGIN}b"), 1)
    now = timezone.now()
    version = acme.saml_settings_versions.get(number=1)
    version.settings["certificates"] = [
        builders.pem(
            not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
        )
    ]
    version.save()
    with pytest.raises(restoring.CertificatesExpired):
        restore(acme, alice, 1)

    assert IdentityProvider.objects.get().entity_id == f"{LOGIN}b"
    assert acme.saml_settings_versions.count() == 2
    assert not AuditEvent.objects.filter(action="saml.restored").exists()


def test_another_organizations_version_is_none(
    acme: Organization, alice: User, globex: Organization, mallory: User
) -> None:
    configure(acme, alice, settings(), None)
    with pytest.raises(restoring.NoSuchVersion):
        restore(globex, mallory, 1)

    assert not IdentityProvider.objects.filter(organization=globex).exists()
    assert not AuditEvent.objects.filter(organization_id=globex.pk).exclude(
        action="organization.founded"
    )
