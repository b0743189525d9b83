"""The gate asks for SAML that is tested, on and valid, and holds on to it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.blockers import Blocker
from chatwork_admin.synchronization.models import UserSynchronization
from saml_sso.identity_providers import configuration, modes, rollover
from saml_sso.identity_providers.modes import Mode
from saml_sso.models import IdentityProvider, TrustedCertificate
from tests.conftest import (
    TENANT,
    actor_for,
    switch_on,
    trust_an_identity_provider,
)
from tests.entra_id.identity_provider import IdentityProvider as Signer
from tests.saml_sso import builders
from tests.saml_sso.certificate_rows import let_all_expire
from tests.saml_sso.signing_in import pass_test
from tests.synchronization.test_gate import (
    open_gate,
    recorded,
    state_of,
)


def switch_saml(organization: Organization, person: User, mode: Mode) -> None:
    modes.switch(organization, mode, administrator=person, actor=actor_for(person))


def states_of(provider: IdentityProvider) -> dict[str, object]:
    names = ("mode", "tested_version", "tested_by_id", "config_version")
    stored = IdentityProvider.objects.get(pk=provider.pk)
    return {name: getattr(stored, name) for name in names}


def trusted_signer() -> Signer:
    """Return the identity provider of the fixtures, whose key is the builders'."""
    return Signer(TENANT, builders.rsa_key(), builders.certificate())


def test_an_expired_certificate_keeps_the_gate_shut(
    acme: Organization, alice: User, tested_idp: IdentityProvider
) -> None:
    let_all_expire()

    with pytest.raises(gate.NotReady) as refusal:
        open_gate(acme, alice)

    assert refusal.value.blockers == [Blocker.CERTIFICATE_NOT_VALID]


def test_a_test_and_saml_that_is_on_are_needed(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    with pytest.raises(gate.NotReady) as refusal:
        open_gate(acme, alice)

    assert refusal.value.blockers == [Blocker.SAML_NOT_TESTED, Blocker.SAML_OFF]
    assert state_of(acme) == "off"
    assert recorded("sync.enabled") == 0


def test_a_real_test_and_the_switch_open_the_gate(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    """What the fixtures take for granted elsewhere."""
    pass_test(acme, trusted_signer())
    left_behind = states_of(acme_idp)
    open_gate(acme, alice)

    assert state_of(acme) == "on"
    IdentityProvider.objects.filter(pk=acme_idp.pk).update(
        tested_version=None, tested_by=None
    )
    switch_on(acme_idp)
    assert states_of(acme_idp) == left_behind


def test_a_test_counts_for_the_settings_it_was_made_with(
    acme: Organization, alice: User, tested_idp: IdentityProvider
) -> None:
    trust_an_identity_provider(acme)  # another certificate

    with pytest.raises(gate.NotReady) as refusal:
        open_gate(acme, alice)

    assert refusal.value.blockers == [Blocker.SAML_NOT_TESTED]


def test_a_test_of_a_former_administrator_counts_no_more(
    acme: Organization, alice: User, carol: User, tested_idp: IdentityProvider
) -> None:
    people = acme.users
    people.filter(pk=alice.pk).update(role=User.Role.USER_MANAGER)
    people.filter(pk=carol.pk).update(role=User.Role.ADMINISTRATOR)
    carol.refresh_from_db()

    with pytest.raises(gate.NotReady) as refusal:
        open_gate(acme, carol)

    assert refusal.value.blockers == [Blocker.SAML_NOT_TESTED]
    switch_on(tested_idp)
    open_gate(acme, carol)
    assert state_of(acme) == "on"


def test_an_installation_may_do_without_the_test(
    acme: Organization, alice: User, acme_idp: IdentityProvider, settings: Any
) -> None:
    settings.SYNC_REQUIRE_SAML_TEST = False
    IdentityProvider.objects.update(mode="optional")

    open_gate(acme, alice)

    assert state_of(acme) == "on"


@pytest.mark.parametrize("mode", [Mode.OPTIONAL, Mode.REQUIRED])
def test_saml_that_is_on_opens_the_gate_whether_required_or_not(
    acme: Organization, alice: User, tested_idp: IdentityProvider, mode: Mode
) -> None:
    IdentityProvider.objects.update(mode=mode)

    open_gate(acme, alice)

    assert state_of(acme) == "on"


def test_a_retired_certificate_does_not_open_the_gate(
    acme: Organization, alice: User, tested_idp: IdentityProvider
) -> None:
    IdentityProvider.objects.update(mode="off")
    TrustedCertificate.objects.update(state="retired")

    with pytest.raises(gate.NotReady) as refusal:
        open_gate(acme, alice)

    assert Blocker.CERTIFICATE_NOT_VALID in refusal.value.blockers


@pytest.mark.parametrize("is_paused", [False, True])
def test_saml_is_not_switched_off_under_an_open_gate(
    enabled_acme: Organization, alice: User, *, is_paused: bool
) -> None:
    if is_paused:
        gate.pause(enabled_acme, actor=actor_for(alice), reason="x")

    with pytest.raises(configuration.StillNeeded):
        switch_saml(enabled_acme, alice, Mode.OFF)

    assert IdentityProvider.objects.get().mode == "optional"
    assert recorded("saml.mode_changed") == 0


def test_the_database_itself_keeps_saml_on_under_an_open_gate(
    enabled_acme: Organization,
) -> None:
    certificates = TrustedCertificate.objects.all()
    for change in (
        partial(IdentityProvider.objects.update, mode="off"),
        partial(certificates.update, state="retired"),
        certificates.delete,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert IdentityProvider.objects.get().mode == "optional"
    assert TrustedCertificate.objects.get().state == "active"


def test_the_database_itself_opens_no_gate_for_saml_that_is_off(
    acme: Organization, acme_idp: IdentityProvider
) -> None:
    with pytest.raises(IntegrityError):
        UserSynchronization.objects.create(
            organization=acme, state="on", identity_provider=acme_idp
        )


def test_the_last_certificate_stays_under_an_open_gate(
    enabled_acme: Organization, alice: User
) -> None:
    certificate = TrustedCertificate.objects.get()

    for change in (rollover.retire, rollover.remove):
        with pytest.raises(rollover.LastCertificate):
            change(enabled_acme, certificate.pk, actor=actor_for(alice))

    assert TrustedCertificate.objects.get().state == "active"


def test_saml_is_not_removed_from_under_an_open_gate(
    enabled_acme: Organization, alice: User
) -> None:
    with pytest.raises(configuration.StillNeeded):
        configuration.remove(enabled_acme, actor=actor_for(alice))

    assert IdentityProvider.objects.filter(organization=enabled_acme).exists()
    assert recorded("saml.removed") == 0


def test_a_shut_gate_lets_saml_go(enabled_acme: Organization, alice: User) -> None:
    gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))
    switch_saml(enabled_acme, alice, Mode.OFF)
    configuration.remove(enabled_acme, actor=actor_for(alice))

    assert not IdentityProvider.objects.filter(organization=enabled_acme).exists()
    assert (recorded("sync.disabled"), recorded("saml.removed")) == (1, 1)
