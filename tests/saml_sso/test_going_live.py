"""While SAML is on, settings that nobody has tested are asked about before they count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import (
    break_glass,
    configuration,
    history,
    restoring,
    rollover,
)
from saml_sso.identity_providers.certificates import (
    SigningCertificate,
    parse_certificate,
)
from saml_sso.identity_providers.going_live import GoesLive
from saml_sso.identity_providers.options import Options
from saml_sso.models import IdentityProvider
from tests.conftest import actor_for
from tests.organizations.proofs.test_second_factor import with_app
from tests.saml_sso import builders
from tests.saml_sso.test_configuration import settings

Change = Callable[..., object]
A, B, C = (f"https://idp.example.com/{name}" for name in "abc")


def save(organization: Organization, alice: User, **confirmation: bool) -> object:
    return configuration.configure(
        organization,
        settings(C),
        actor=actor_for(alice),
        seen_version=organization.saml_versions,
        **confirmation,
    )


def choose(organization: Organization, alice: User, **confirmation: bool) -> object:
    return configuration.change_options(
        organization,
        Options(require_signed_response=True),
        actor=actor_for(alice),
        seen_version=organization.saml_versions,
        **confirmation,
    )


def restore(organization: Organization, alice: User, **confirmation: bool) -> object:
    return restoring.restore(organization, 1, actor=actor_for(alice), **confirmation)


@pytest.fixture
def provider(acme: Organization, alice: User) -> IdentityProvider:
    """Acme's second version, which is in use."""
    for number, name in ((None, A), (1, B)):
        stored = configuration.configure(
            acme, settings(name), actor=actor_for(alice), seen_version=number
        )
    IdentityProvider.objects.update(mode="optional", tested_version=2)
    acme.refresh_from_db()
    return stored


def without_password(person: User) -> None:
    User.objects.filter(pk=person.pk).update(password="!unusable")


@pytest.mark.parametrize("change", [save, choose, restore])
@pytest.mark.parametrize("mode", ["optional", "required"])
def test_nothing_goes_live_before_it_is_confirmed(
    acme: Organization,
    alice: User,
    provider: IdentityProvider,
    mode: str,
    change: Change,
) -> None:
    with_app(alice)
    IdentityProvider.objects.update(mode=mode)
    said, events = history.snapshot(provider), AuditEvent.objects.count()
    with pytest.raises(GoesLive) as live:
        change(acme, alice)

    assert live.value.changes
    provider.refresh_from_db()
    acme.refresh_from_db()
    assert (provider.config_version, acme.saml_versions) == (2, 2)
    assert history.snapshot(provider) == said
    assert AuditEvent.objects.count() == events

    change(acme, alice, is_confirmed=True)

    provider.refresh_from_db()
    assert (provider.config_version, provider.mode) == (3, mode)
    assert not provider.is_tested


@pytest.mark.parametrize("change", [save, choose, restore])
def test_while_saml_is_off_nothing_has_to_be_confirmed(
    acme: Organization, alice: User, provider: IdentityProvider, change: Change
) -> None:
    IdentityProvider.objects.update(mode="off")
    change(acme, alice)

    provider.refresh_from_db()
    assert provider.config_version == 3


def test_what_needs_no_test_has_not_to_be_confirmed(
    acme: Organization, alice: User, provider: IdentityProvider
) -> None:
    ahead = parse_certificate(builders.pem())
    present = settings(B)
    wanted = replace(present, certificates=(*present.certificates, ahead))
    configuration.configure(acme, wanted, actor=actor_for(alice), seen_version=2)
    configuration.change_options(
        acme,
        Options(allow_idp_initiated=True),
        actor=actor_for(alice),
        seen_version=3,
    )

    provider.refresh_from_db()
    assert provider.is_tested
    assert acme.saml_settings_versions.count() == 4


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_nothing_goes_live_while_the_administrator_has_nothing_else(
    acme: Organization, alice: User, provider: IdentityProvider, mode: str
) -> None:
    IdentityProvider.objects.update(mode=mode)
    without_password(alice)
    with pytest.raises(GoesLive):
        save(acme, alice, is_confirmed=True)
    acme.refresh_from_db()
    break_glass.issue(acme, seen=None, actor=actor_for(alice))

    save(acme, alice, is_confirmed=True)

    provider.refresh_from_db()
    assert provider.entity_id == C


def test_bringing_back_a_certificate_that_signed_before_is_asked_about(
    acme: Organization, alice: User
) -> None:
    old, new = (parse_certificate(builders.pem()) for _ in range(2))
    provider = rolled_over(acme, alice, old, new)
    IdentityProvider.objects.update(mode="required")
    with_app(alice)

    def bring_back_metadata(**confirmation: bool) -> object:
        return configuration.configure(
            acme,
            replace(settings(A), certificates=(old,)),
            actor=actor_for(alice),
            seen_version=acme.saml_versions,
            **confirmation,
        )

    changes: list[Change] = [partial(restore, acme, alice), bring_back_metadata]
    for change in changes:
        acme.refresh_from_db()
        with pytest.raises(GoesLive):
            change()
        assert provider.certificates.get(sha1=new.sha1).is_trusted

    bring_back_metadata(is_confirmed=True)
    assert not IdentityProvider.objects.get().is_tested


def rolled_over(
    acme: Organization,
    alice: User,
    old: SigningCertificate,
    new: SigningCertificate,
) -> IdentityProvider:
    """Let both have signed, the new one last, and retire the old one."""
    provider = configuration.configure(
        acme,
        replace(settings(A), certificates=(old,)),
        actor=actor_for(alice),
        seen_version=None,
    )
    sign(provider, old, hours_ago=48)
    history.note_test(provider, alice)
    rollover.add(acme, new, actor=actor_for(alice))
    sign(provider, new, hours_ago=1)
    retired = provider.certificates.get(sha1=old.sha1)
    rollover.retire(acme, retired.pk, actor=actor_for(alice))
    return IdentityProvider.objects.get()


def sign(
    provider: IdentityProvider, certificate: SigningCertificate, *, hours_ago: int
) -> None:
    at = timezone.now() - timedelta(hours=hours_ago)
    provider.certificates.filter(sha1=certificate.sha1).update(last_used_at=at)


def test_settings_that_were_tested_come_back_tested(
    acme: Organization, alice: User, provider: IdentityProvider
) -> None:
    certificate = provider.certificates.get()
    provider.note_use_of(certificate.sha256)
    provider.refresh_from_db()
    history.note_test(provider, alice)
    choose(acme, alice, is_confirmed=True)
    assert not IdentityProvider.objects.get().is_tested

    restoring.restore(acme, 2, actor=actor_for(alice))

    provider.refresh_from_db()
    assert provider.is_tested
    assert provider.tested_by == alice
    tested = {
        each.number: each.tested_at is not None
        for each in acme.saml_settings_versions.all()
    }
    assert tested == {1: False, 2: True, 3: False, 4: True}


def test_what_is_added_to_tested_settings_is_tested_and_so_it_stays(
    acme: Organization, alice: User, provider: IdentityProvider
) -> None:
    provider.note_use_of(provider.certificates.get().sha256)
    provider.refresh_from_db()
    history.note_test(provider, alice)
    rollover.add(acme, parse_certificate(builders.pem()), actor=actor_for(alice))
    acme.refresh_from_db()
    choose(acme, alice, is_confirmed=True)

    restoring.restore(acme, 3, actor=actor_for(alice))

    assert IdentityProvider.objects.get().is_tested
    assert acme.saml_settings_versions.get(number=3).tested_by == alice


def test_versions_keep_their_tests_when_the_settings_are_removed(
    acme: Organization, alice: User, provider: IdentityProvider
) -> None:
    provider.refresh_from_db()
    history.note_test(provider, alice)
    IdentityProvider.objects.update(mode="off")
    configuration.remove(acme, actor=actor_for(alice))

    assert acme.saml_settings_versions.get(number=2).tested_at is not None
