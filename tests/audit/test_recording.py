from __future__ import annotations

import pytest
from django.db import transaction

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditDelivery, AuditEvent
from chatwork_admin.audit.recording import (
    SYSTEM,
    OutsideTransaction,
    Target,
    record,
)
from chatwork_admin.organizations.models import Organization

SOMETHING = Target("user", "42", "bob@acme.test")


class Failed(Exception):
    pass


@transaction.atomic
def record_something(organization: Organization) -> AuditEvent:
    event_id = record(
        Action.USER_CHANGED,
        organization_id=organization.pk,
        actor=SYSTEM,
        target=SOMETHING,
    )
    return AuditEvent.objects.get(pk=event_id)


@transaction.atomic
def change_and_fail(organization: Organization) -> None:
    record_something(organization)
    raise Failed


def test_an_event_owes_one_delivery_to_each_sink_of_its_organization(
    acme: Organization, globex: Organization
) -> None:
    event = record_something(acme)

    delivery = AuditDelivery.objects.get(event=event)
    assert delivery.organization_id == acme.pk
    assert delivery.sink.organization_id == acme.pk


def test_an_event_leaves_with_the_change_it_belongs_to(acme: Organization) -> None:
    before = AuditEvent.objects.count()
    with pytest.raises(Failed):
        change_and_fail(acme)

    assert AuditEvent.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused(acme: Organization) -> None:
    with pytest.raises(OutsideTransaction):
        record(
            Action.USER_CHANGED,
            organization_id=acme.pk,
            actor=SYSTEM,
            target=SOMETHING,
        )


def test_later_events_have_later_ids(acme: Organization) -> None:
    ids = [record_something(acme).pk for _ in range(50)]

    assert ids == sorted(ids)
