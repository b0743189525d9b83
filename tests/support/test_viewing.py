"""What support looks at is in the customer's audit log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent, AuditSink
from chatwork_admin.audit.recording import INSTALLATION
from chatwork_admin.authorization.models import Grant
from chatwork_admin.identifiers import first_id_at
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.support.models import StaffMember
from chatwork_admin.synchronization.models import UserSynchronization
from tests.authorization.conftest import granted
from tests.support.test_pages import list_of, page_of, read


def viewed(organization: Organization) -> list[AuditEvent]:
    events = AuditEvent.objects.filter(
        organization_id=organization.pk, action=Action.SUPPORT_VIEWED
    )
    return list(events.order_by("id"))


def test_the_customer_reads_who_has_looked_and_at_what(
    as_victor: Client, victor: StaffMember, bob: User, as_alice: Client
) -> None:
    read(as_victor, page_of(bob))

    [event] = viewed(bob.organization)
    assert event.actor == {
        "kind": "support",
        "id": str(victor.pk),
        "label": "Victor",
    }
    assert event.target == {
        "kind": "user",
        "id": str(bob.pk),
        "label": "bob@acme.test",
    }
    log = as_alice.get("/manage/audit/").text
    assert "Looked at by support" in log
    assert "Victor" in log


def test_looking_again_is_recorded_once_an_hour_for_each_of_the_staff(
    as_victor: Client, as_olga: Client, bob: User
) -> None:
    for _ in range(3):
        read(as_victor, page_of(bob))
    read(as_olga, page_of(bob))

    looked = [event.actor["label"] for event in viewed(bob.organization)]
    assert looked == ["Victor", "Olga"]


def test_who_has_looked_more_than_an_hour_ago_is_recorded_again(
    as_victor: Client, victor: StaffMember, bob: User
) -> None:
    AuditEvent.objects.create(
        id=first_id_at(timezone.now() - timedelta(minutes=61)),
        organization_id=bob.organization_id,
        action=Action.SUPPORT_VIEWED,
        actor={"id": str(victor.pk), "label": "Victor", "kind": "support"},
        target={"id": str(bob.pk), "label": "bob@acme.test", "kind": "user"},
    )

    read(as_victor, page_of(bob))

    assert len(viewed(bob.organization)) == 2


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (Organization, "organization"),
        (User, "user"),
        (Grant, "grant"),
        (UserSynchronization, "organization"),
        (AuditSink, "organization"),
    ],
)
def test_each_page_is_recorded_under_a_name_that_customers_know(
    as_victor: Client, enabled_acme: Organization, model: type[Model], kind: str
) -> None:
    granted(enabled_acme)

    rows = model._default_manager.all()
    if model is AuditSink:  # the installation has one, too
        rows = rows.filter(organization_id=enabled_acme.pk)
    read(as_victor, page_of(rows[:1].get()))

    assert [event.target["kind"] for event in viewed(enabled_acme)] == [kind]


def test_the_neighbour_reads_nothing_of_it(
    as_victor: Client, bob: User, globex: Organization
) -> None:
    read(as_victor, page_of(bob))

    assert viewed(globex) == []


def test_who_may_not_look_is_not_recorded(
    client: Client, as_alice: Client, bob: User
) -> None:
    for stranger in (client, as_alice):
        assert stranger.get(page_of(bob)).status_code == 302
    assert viewed(bob.organization) == []


def test_lists_and_what_belongs_to_nobody_are_not_recorded(
    as_victor: Client, bob: User
) -> None:
    read(as_victor, list_of(User))
    event = AuditEvent.objects.first()
    assert event is not None
    event.pk, event.organization_id = None, INSTALLATION
    event.save(force_insert=True)

    read(as_victor, page_of(event))

    assert not AuditEvent.objects.filter(action=Action.SUPPORT_VIEWED).exists()
