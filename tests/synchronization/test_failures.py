"""When a tenth of a day's writes fails, the state says so."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import ActorKind
from chatwork_admin.identifiers import new_id
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import failures, gate, health, tasks
from chatwork_admin.synchronization.health import PageState
from chatwork_admin.synchronization.models import RefusalCount

HOUR = timedelta(hours=1)


def at(instant: datetime) -> uuid.UUID:
    """Return an id as it is made at that time."""
    random = new_id().int & (1 << 80) - 1
    return uuid.UUID(int=int(instant.timestamp() * 1000) << 80 | random)


def accept(
    organization: Organization,
    number: int,
    *,
    action: Action = Action.USER_CHANGED,
    kind: ActorKind = ActorKind.PROVISIONING_CLIENT,
    ago: timedelta = timedelta(0),
) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(
            id=at(timezone.now() - ago),
            organization_id=organization.pk,
            action=action,
            actor={"kind": kind, "id": "x", "label": "x"},
            target={"kind": "user", "id": "x", "label": "x"},
        )
        for _ in range(number)
    )


def refuse(
    organization: Organization,
    number: int,
    code: str = "CW-USER-1",
    ago: timedelta = timedelta(0),
) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - ago
    RefusalCount.objects.create(
        organization=organization, hour=hour, code=code, count=number
    )


@pytest.fixture
def called_acme(enabled_acme: Organization) -> Organization:
    """Acme, whose provisioning client was just here."""
    health.note_contact(gate.synchronization_of(enabled_acme))
    return enabled_acme


def state_of(organization: Organization, person: User) -> PageState:
    stored = gate.synchronization_of(organization)
    return health.page_state(organization, person, stored)


@pytest.mark.parametrize(
    ("refused", "accepted", "state"),
    [
        (0, 0, PageState.HEALTHY),
        (0, 5, PageState.HEALTHY),
        (99, 901, PageState.HEALTHY),  # 9.9 %
        (100, 900, PageState.FAILING),  # 10 %
        (1, 10, PageState.HEALTHY),
        (1, 9, PageState.FAILING),
        (1, 0, PageState.FAILING),
    ],
)
def test_a_tenth_of_the_writes_refused_is_failing(
    called_acme: Organization,
    alice: User,
    refused: int,
    accepted: int,
    state: PageState,
) -> None:
    if refused:
        refuse(called_acme, refused)
    accept(called_acme, accepted)

    assert state_of(called_acme, alice) == state


def test_the_reasons_add_up(called_acme: Organization, alice: User) -> None:
    refuse(called_acme, 1, "CW-USER-1")
    refuse(called_acme, 1, "CW-USER-2", ago=HOUR)
    accept(called_acme, 18)

    assert state_of(called_acme, alice) == PageState.FAILING


def test_accepted_is_what_a_provisioning_client_changed_of_users_and_groups(
    called_acme: Organization, alice: User
) -> None:
    refuse(called_acme, 1)
    accept(called_acme, 8, action=Action.GROUP_CHANGED)
    accept(called_acme, 9, kind=ActorKind.SYSTEM, action=Action.USER_PURGED)
    accept(called_acme, 9, kind=ActorKind.PERSON)
    accept(called_acme, 9, action=Action.REQUEST_REFUSED)
    assert state_of(called_acme, alice) == PageState.FAILING

    accept(called_acme, 2, action=Action.USER_PROVISIONED)
    assert state_of(called_acme, alice) == PageState.HEALTHY


def test_what_is_older_than_a_day_counts_on_neither_side(
    called_acme: Organization, alice: User
) -> None:
    refuse(called_acme, 500, ago=24 * HOUR)
    assert failures.refused_lately(called_acme) == {}
    assert state_of(called_acme, alice) == PageState.HEALTHY

    refuse(called_acme, 1, ago=23 * HOUR)
    accept(called_acme, 500, ago=25 * HOUR)
    assert failures.refused_lately(called_acme) == {"CW-USER-1": 1}
    assert state_of(called_acme, alice) == PageState.FAILING


def test_the_neighbours_writes_count_for_the_neighbour(
    called_acme: Organization, globex: Organization, alice: User
) -> None:
    refuse(globex, 500)
    assert state_of(called_acme, alice) == PageState.HEALTHY

    refuse(called_acme, 1)
    accept(globex, 500)
    assert state_of(called_acme, alice) == PageState.FAILING


def test_who_is_silent_is_delayed_whatever_was_refused_before(
    called_acme: Organization, alice: User
) -> None:
    refuse(called_acme, 500)
    stored = gate.synchronization_of(called_acme)
    stored.last_contact_at = timezone.now() - 3 * HOUR

    state = health.page_state(called_acme, alice, stored)

    assert state == PageState.DELAYED


def test_each_refusal_counts_one_within_its_hour_and_reason(
    acme: Organization, globex: Organization
) -> None:
    refuse(acme, 7, ago=HOUR)

    counts = [failures.count_refusal(acme, "CW-USER-1") for _ in range(3)]

    assert counts == [1, 2, 3]
    assert failures.count_refusal(acme, "CW-USER-2") == 1
    assert failures.count_refusal(globex, "CW-USER-1") == 1
    assert failures.refused_lately(acme) == {"CW-USER-1": 10, "CW-USER-2": 1}


def test_counts_are_deleted_after_two_days(acme: Organization) -> None:
    for hours in (0, 23, 47, 49, 500):
        refuse(acme, 1, ago=hours * HOUR)

    tasks.empty_recycle_bin()

    kept = RefusalCount.objects.filter(organization=acme)
    assert kept.count() == 3
    assert min(kept.values_list("hour", flat=True)) > timezone.now() - 48 * HOUR
    assert failures.forget_old_counts() == 0
