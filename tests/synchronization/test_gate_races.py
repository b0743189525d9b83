"""Two people at once: threads with connections of their own, and real commits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import DatabaseError, connection, transaction

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.consent import Acceptance
from chatwork_admin.synchronization.models import NoticeAcceptance
from chatwork_admin.synchronization.notices import KEYS, NOTICES
from saml_sso.identity_providers import configuration, modes
from saml_sso.identity_providers.modes import Mode
from saml_sso.models import IdentityProvider
from tests.conftest import actor_for, switch_on, trust_an_identity_provider
from tests.processes import within

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


def at_once(*actions: Callable[[], None]) -> list[str]:
    """Run all actions at the same moment; return the names of what they raised."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], None]) -> str:
        barrier.wait()
        try:
            action()
        except (DatabaseError, gate.NotReady, configuration.StillNeeded) as error:
            return type(error).__name__
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def in_turn(first: Callable[[], None], second: Callable[[], None]) -> list[str]:
    """Begin the second before the first commits; return what each raised.

    Fails unless the second waits for the first: without a lock it would not.
    """
    begun = Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                first()
                begun.set()
                assert within(30, _somebody_waits), "the second did not wait"
        finally:
            begun.set()

    def follow() -> None:
        begun.wait()
        second()

    return at_once(hold, follow)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def enabling(acme: Organization, alice: User) -> Callable[[], None]:
    return lambda: gate.enable(
        acme,
        administrator=alice,
        acceptance=Acceptance(KEYS, "en", waives_emergency_access=True),
        actor=actor_for(alice),
    )


def test_two_clicks_enable_once(acme: Organization, alice: User) -> None:
    switch_on(trust_an_identity_provider(acme))

    raised = at_once(*[enabling(acme, alice)] * 4)

    assert raised == [""] * 4
    assert AuditEvent.objects.filter(action="sync.enabled").count() == 1
    assert NoticeAcceptance.objects.count() == len(NOTICES)


def test_saml_removed_meanwhile_leaves_either_an_open_gate_or_no_saml(
    acme: Organization, alice: User
) -> None:
    outcomes = set()
    for _ in range(ROUNDS):
        switch_on(trust_an_identity_provider(acme))
        raised = at_once(
            enabling(acme, alice),
            lambda: configuration.remove(acme, actor=actor_for(alice)),
        )
        is_open = gate.synchronization_of(acme).state == "on"
        has_saml = IdentityProvider.objects.filter(organization=acme).exists()
        assert is_open == has_saml
        assert raised == (["", "StillNeeded"] if is_open else ["NotReady", ""])
        outcomes.add(is_open)
        gate.disable(acme, administrator=alice, actor=actor_for(alice))
    assert outcomes


def switching_off(acme: Organization, alice: User) -> Callable[[], None]:
    return lambda: modes.switch(
        acme, Mode.OFF, administrator=alice, actor=actor_for(alice)
    )


def state_of(acme: Organization) -> tuple[str, str]:
    mode = IdentityProvider.objects.get(organization=acme).mode
    return str(gate.synchronization_of(acme).state), mode


def test_saml_switched_off_meanwhile_leaves_either_an_open_gate_or_saml_off(
    acme: Organization, alice: User
) -> None:
    for _ in range(ROUNDS):
        switch_on(trust_an_identity_provider(acme))
        raised = at_once(enabling(acme, alice), switching_off(acme, alice))

        outcome = (state_of(acme), raised)
        assert outcome in (
            (("on", "optional"), ["", "StillNeeded"]),
            (("off", "off"), ["NotReady", ""]),
        )
        gate.disable(acme, administrator=alice, actor=actor_for(alice))


def test_whoever_enables_waits_for_saml_to_be_switched_off_and_is_told(
    acme: Organization, alice: User
) -> None:
    switch_on(trust_an_identity_provider(acme))

    raised = in_turn(switching_off(acme, alice), enabling(acme, alice))

    assert raised == ["", "NotReady"]
    assert state_of(acme) == ("off", "off")
    assert not AuditEvent.objects.filter(action="sync.enabled").exists()


def test_whoever_switches_saml_off_waits_for_the_gate_to_open_and_is_told(
    acme: Organization, alice: User
) -> None:
    switch_on(trust_an_identity_provider(acme))

    raised = in_turn(enabling(acme, alice), switching_off(acme, alice))

    assert raised == ["", "StillNeeded"]
    assert state_of(acme) == ("on", "optional")
    assert not AuditEvent.objects.filter(action="saml.mode_changed").exists()


def test_enable_and_disable_at_once_end_in_one_state_with_matching_events(
    acme: Organization, alice: User
) -> None:
    switch_on(trust_an_identity_provider(acme))
    for _ in range(ROUNDS):
        raised = at_once(
            enabling(acme, alice),
            lambda: gate.disable(acme, administrator=alice, actor=actor_for(alice)),
        )
        assert raised == ["", ""]
        events = AuditEvent.objects.filter(action__startswith="sync.")
        last = events.order_by("id").last()
        is_open = gate.synchronization_of(acme).state == "on"
        assert last is not None
        assert (last.action == "sync.enabled") == is_open
