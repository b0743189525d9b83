"""Refused writes are counted, each of them, and recorded, not all of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.failures import refused_lately
from chatwork_admin.synchronization.models import RefusalCount
from scim import refusals
from tests.conftest import actor_for
from tests.scim.conftest import GROUPS, USERS, Provisioning

NO_ADDRESS = {"userName": "tyamada"}  # CW-USER-4


def said() -> list[str]:
    """What the events of refusals say about those that follow."""
    events = AuditEvent.objects.filter(action=Action.REQUEST_REFUSED).order_by("id")
    return [event.context.get("more", "") for event in events]


def test_every_refusal_is_counted_and_a_hundred_an_hour_are_recorded(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    for _ in range(103):
        assert entra.post(USERS, NO_ADDRESS).status == 400

    assert refused_lately(enabled_acme) == {"CW-USER-4": 103}
    assert len(said()) == 100
    assert said()[98:] == ["", "counted, but not recorded in this hour"]


def test_the_next_hour_and_another_reason_are_recorded_again(
    entra: Provisioning, enabled_acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST_PER_HOUR", 3)
    for _ in range(5):
        entra.post(USERS, NO_ADDRESS)
    assert len(said()) == 3

    entra.create_group("Sales")
    entra.post(GROUPS, {"displayName": "sales"})
    assert len(said()) == 4

    RefusalCount.objects.update(hour=F("hour") - timedelta(hours=1))
    entra.post(USERS, NO_ADDRESS)
    assert len(said()) == 5
    assert refused_lately(enabled_acme) == {"CW-USER-4": 6, "CW-GROUP-1": 1}


def test_what_reads_and_what_is_unknown_is_no_failed_write(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    entra.get(USERS, filter="bogus pr")
    entra.post(f"{USERS}/.search", {"filter": "bogus pr"})
    entra.delete(f"{USERS}/x")

    assert refused_lately(enabled_acme) == {}


def test_a_shut_gate_is_no_failed_write(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    administrator = enabled_acme.users.get(role="administrator")
    gate.pause(enabled_acme, actor=actor_for(administrator), reason="move")

    assert entra.post(USERS, NO_ADDRESS).status == 503
    assert refused_lately(enabled_acme) == {}
