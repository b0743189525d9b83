from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.administrator_right import NotAllowed
from chatwork_admin.organizations.models import Organization, User
from saml_sso.identity_providers import break_glass, configuration, history, modes
from saml_sso.identity_providers.locks import NotConfigured
from saml_sso.identity_providers.modes import Blocker, Mode
from saml_sso.identity_providers.ways_in import NoWayAround
from saml_sso.models import BreakGlassCode, IdentityProvider, LinkedIdentity
from tests.conftest import actor_for


def switch(organization: Organization, mode: Mode, person: User) -> None:
    modes.switch(organization, mode, administrator=person, actor=actor_for(person))


def make_ready(provider: IdentityProvider, person: User) -> None:
    """Let a test pass, the administrator come in by SAML, and the way around it work."""
    giver = provider.organization.users.get(role=User.Role.ADMINISTRATOR)
    break_glass.issue(provider.organization, seen=None, actor=actor_for(giver))
    LinkedIdentity.objects.create(
        organization=provider.organization,
        user=person,
        issuer=provider.entity_id,
        object_id="7e5a8a3f-3d5d-4d0c-8a3e-2d1f6a1b0c9d",
        name_id=person.user_name,
    )
    provider.refresh_from_db()
    provider.tested_version = provider.config_version
    provider.bypass_proven_at = timezone.now()
    provider.save()


def mode_of(provider: IdentityProvider) -> str:
    provider.refresh_from_db()
    return provider.mode


def mode_events() -> int:
    return AuditEvent.objects.filter(action="saml.mode_changed").count()


def test_from_off_to_required_and_back_every_value_is_kept(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    make_ready(acme_idp, alice)
    said = history.snapshot(acme_idp)
    for mode in (Mode.OPTIONAL, Mode.REQUIRED, Mode.OPTIONAL, Mode.OFF):
        for _ in range(2):
            switch(acme, mode, alice)
        assert mode_of(acme_idp) == mode

    assert history.snapshot(acme_idp) == said
    assert acme_idp.is_tested
    assert mode_events() == 4
    first = AuditEvent.objects.filter(action="saml.mode_changed").earliest("id")
    assert first.changes == [
        {"attribute": "mode", "before": "off", "after": "optional"}
    ]


@pytest.mark.parametrize(
    ("missing", "blocker"),
    [
        ({"tested_version": None}, Blocker.NOT_TESTED),
        ({"mode": "off"}, Blocker.NOT_OPTIONAL),
        ({"bypass_proven_at": None}, Blocker.BYPASS_NOT_PROVEN),
        ({"entity_id": "https://idp.other.test/"}, Blocker.NEVER_SIGNED_IN),
    ],
)
def test_required_waits_for_everything(
    acme: Organization,
    alice: User,
    acme_idp: IdentityProvider,
    missing: dict[str, object],
    blocker: Blocker,
) -> None:
    make_ready(acme_idp, alice)
    IdentityProvider.objects.update(**({"mode": "optional"} | missing))
    before = mode_of(acme_idp)
    with pytest.raises(modes.NotReady) as not_ready:
        switch(acme, Mode.REQUIRED, alice)

    assert not_ready.value.blockers == [blocker]
    assert mode_of(acme_idp) == before
    assert not mode_events()


def test_required_waits_for_codes(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    make_ready(acme_idp, alice)
    switch(acme, Mode.OPTIONAL, alice)
    BreakGlassCode.objects.update(used_at=timezone.now())
    with pytest.raises(modes.NotReady) as not_ready:
        switch(acme, Mode.REQUIRED, alice)

    assert not_ready.value.blockers == [Blocker.NO_CODES]


def test_optional_waits_for_a_test_and_a_certificate(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    acme_idp.certificates.update(not_after=yesterday)
    with pytest.raises(modes.NotReady) as not_ready:
        switch(acme, Mode.OPTIONAL, alice)

    expected = [Blocker.CERTIFICATE_NOT_VALID, Blocker.NOT_TESTED]
    assert not_ready.value.blockers == expected
    assert mode_of(acme_idp) == "off"
    assert not mode_events()


def test_less_may_be_asked_whatever_became_of_the_settings(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    IdentityProvider.objects.update(mode="required", tested_version=None)
    switch(acme, Mode.OPTIONAL, alice)
    switch(acme, Mode.OFF, alice)

    assert mode_of(acme_idp) == "off"


def test_only_the_administrator_switches(
    acme: Organization, alice: User, carol: User, acme_idp: IdentityProvider
) -> None:
    make_ready(acme_idp, carol)
    with pytest.raises(NotAllowed):
        switch(acme, Mode.OPTIONAL, carol)

    assert mode_of(acme_idp) == "off"
    assert not mode_events()


def test_there_is_nothing_to_switch_without_settings(
    globex: Organization, mallory: User, acme_idp: IdentityProvider
) -> None:
    with pytest.raises(NotConfigured):
        switch(globex, Mode.OPTIONAL, mallory)


def without_password(person: User) -> None:
    User.objects.filter(pk=person.pk).update(password="!unusable")


def test_saml_stays_on_where_the_administrator_has_nothing_else(
    acme: Organization, alice: User, tested_idp: IdentityProvider
) -> None:
    without_password(alice)
    with pytest.raises(modes.NotReady) as not_ready:
        switch(acme, Mode.OFF, alice)

    assert not_ready.value.blockers == [Blocker.NO_WAY_AROUND]
    assert mode_of(tested_idp) == "optional"
    assert not mode_events()


def test_an_emergency_code_is_a_way_back(
    acme: Organization, alice: User, tested_idp: IdentityProvider
) -> None:
    without_password(alice)
    break_glass.issue(acme, seen=None, actor=actor_for(alice))
    switch(acme, Mode.OFF, alice)

    assert mode_of(tested_idp) == "off"


def test_settings_are_not_removed_by_who_has_nothing_else(
    acme: Organization, alice: User, acme_idp: IdentityProvider
) -> None:
    without_password(alice)
    with pytest.raises(NoWayAround):
        configuration.remove(acme, actor=actor_for(alice))

    assert IdentityProvider.objects.exists()
    assert not AuditEvent.objects.filter(action="saml.removed").exists()
