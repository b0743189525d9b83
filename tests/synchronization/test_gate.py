from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.blockers import Blocker
from chatwork_admin.synchronization.consent import Acceptance, confirmed_notices
from chatwork_admin.synchronization.models import NoticeAcceptance, UserSynchronization
from chatwork_admin.synchronization.notices import KEYS, NOTICES
from saml_sso.models import IdentityProvider
from tests.conftest import (
    actor_for,
)

EVERYTHING = Acceptance(KEYS, "ja", waives_emergency_access=True)


def open_gate(organization: Organization, person: User, **changes: object) -> None:
    asked = {"administrator": person, "acceptance": EVERYTHING} | changes
    gate.enable(organization, actor=actor_for(person), **asked)  # type: ignore[arg-type]


def state_of(organization: Organization) -> str:
    return gate.synchronization_of(organization).state


def recorded(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def test_an_administrator_opens_the_gate(
    acme: Organization, alice: User, tested_idp: IdentityProvider
) -> None:
    open_gate(acme, alice)

    synchronization = gate.synchronization_of(acme)
    assert synchronization.state == "on"
    assert synchronization.identity_provider == tested_idp
    assert synchronization.enabled_by == "Alice"
    event = AuditEvent.objects.get(action="sync.enabled")
    assert event.actor == {
        "kind": "person",
        "id": str(alice.pk),
        "label": "alice@acme.test",
    }


@pytest.mark.parametrize(
    ("is_proven", "waives", "recorded_as"),
    [
        (False, False, None),
        (False, True, "waived"),
        (True, False, "proven"),
        (True, True, "proven"),
    ],
)
def test_emergency_access_is_proven_or_waived(
    acme: Organization,
    alice: User,
    tested_idp: IdentityProvider,
    *,
    is_proven: bool,
    waives: bool,
    recorded_as: str | None,
) -> None:
    IdentityProvider.objects.update(
        bypass_proven_at=timezone.now() if is_proven else None
    )
    acceptance = Acceptance(KEYS, "en", waives_emergency_access=waives)
    if recorded_as is None:
        with pytest.raises(gate.NotReady) as refusal:
            open_gate(acme, alice, acceptance=acceptance)
        assert refusal.value.blockers == [Blocker.EMERGENCY_ACCESS_NOT_PROVEN]
        assert state_of(acme) == "off"
        assert recorded("sync.enabled") == 0
    else:
        open_gate(acme, alice, acceptance=acceptance)
        event = AuditEvent.objects.get(action="sync.enabled")
        assert event.context["emergency_access"] == recorded_as


def test_consent_is_kept_with_text_version_language_person_time_and_address(
    acme: Organization, alice: User, tested_idp: IdentityProvider
) -> None:
    open_gate(acme, alice)

    rows = NoticeAcceptance.objects.filter(organization=acme)
    assert {row.key for row in rows} == KEYS
    versions = {notice.key: notice.version for notice in NOTICES}
    for row in rows:
        assert (row.text_version, row.language) == (versions[row.key], "ja")
        assert (row.accepted_by, row.address) == (alice, "192.0.2.1")
        assert abs(timezone.now() - row.accepted_at) < timedelta(minutes=1)


def test_opening_an_open_gate_records_nothing(
    enabled_acme: Organization, alice: User
) -> None:
    open_gate(enabled_acme, alice)

    assert recorded("sync.enabled") == 1
    assert NoticeAcceptance.objects.count() == len(NOTICES)


@pytest.mark.parametrize("missing", sorted(KEYS))
def test_each_note_is_needed(
    acme: Organization, alice: User, tested_idp: IdentityProvider, missing: str
) -> None:
    acceptance = Acceptance(KEYS - {missing}, "en", waives_emergency_access=True)

    with pytest.raises(gate.NotReady) as refusal:
        open_gate(acme, alice, acceptance=acceptance)

    assert refusal.value.blockers == [Blocker.NOTICES_NOT_CONFIRMED]
    assert refusal.value.missing == [missing]
    assert state_of(acme) == "off"
    assert not NoticeAcceptance.objects.exists()
    assert recorded("sync.enabled") == 0


def test_everything_missing_is_named_in_the_order_it_is_cleared(
    acme: Organization, carol: User
) -> None:
    Organization.objects.filter(pk=acme.pk).update(plan="business")
    acme.refresh_from_db()

    with pytest.raises(gate.NotReady) as refusal:
        open_gate(acme, carol, acceptance=Acceptance(frozenset(), "en"))

    assert refusal.value.blockers == [
        Blocker.NOT_IN_PLAN,
        Blocker.NOT_ADMINISTRATOR,
        Blocker.NOTICES_NOT_CONFIRMED,
        Blocker.SAML_MISSING,
    ]


def test_disabling_twice_records_once(enabled_acme: Organization, alice: User) -> None:
    for _ in range(2):
        gate.disable(enabled_acme, administrator=alice, actor=actor_for(alice))

    assert recorded("sync.disabled") == 1


def test_a_manager_does_not_disable(enabled_acme: Organization, carol: User) -> None:
    with pytest.raises(gate.NotAllowed):
        gate.disable(enabled_acme, administrator=carol, actor=actor_for(carol))

    assert state_of(enabled_acme) == "on"


def test_pause_keeps_who_when_and_why_and_resume_clears_them(
    enabled_acme: Organization, alice: User
) -> None:
    gate.pause(enabled_acme, actor=actor_for(alice), reason="人事異動")
    paused = gate.synchronization_of(enabled_acme)
    gate.pause(enabled_acme, actor=actor_for(alice), reason="again")
    gate.resume(enabled_acme, actor=actor_for(alice))
    gate.resume(enabled_acme, actor=actor_for(alice))

    assert (paused.state, paused.paused_by) == ("paused", "alice@acme.test")
    assert paused.pause_reason == "人事異動"
    assert state_of(enabled_acme) == "on"
    assert (recorded("sync.paused"), recorded("sync.resumed")) == (1, 1)


@pytest.mark.parametrize("change", [gate.pause, gate.resume])
def test_what_is_off_is_neither_paused_nor_resumed(
    acme: Organization, alice: User, change: object
) -> None:
    with pytest.raises(gate.WrongState):
        change(acme, actor=actor_for(alice), reason="x")  # type: ignore[operator]


def test_a_paused_gate_is_not_enabled_again(
    enabled_acme: Organization, alice: User
) -> None:
    gate.pause(enabled_acme, actor=actor_for(alice), reason="x")

    with pytest.raises(gate.WrongState):
        open_gate(enabled_acme, alice)


def test_newer_words_are_confirmed_once(
    enabled_acme: Organization, alice: User
) -> None:
    NoticeAcceptance.objects.filter(key="licences").update(text_version=0)
    assert confirmed_notices(enabled_acme) == KEYS - {"licences"}

    for _ in range(2):
        gate.confirm_notices(
            enabled_acme,
            administrator=alice,
            acceptance=EVERYTHING,
            actor=actor_for(alice),
        )

    assert confirmed_notices(enabled_acme) == KEYS
    assert recorded("sync.notes_confirmed") == 1


def test_what_another_organization_does_is_no_matter(
    enabled_acme: Organization, globex: Organization
) -> None:
    assert state_of(globex) == "off"
    assert UserSynchronization.objects.count() == 1
