"""Operators keep a customer's recycle bin for longer, and see what is in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.support.models import StaffMember
from chatwork_admin.synchronization import provisioning, recycling
from chatwork_admin.synchronization.models import Tombstone
from tests.support.conftest import proven
from tests.support.test_interventions import LIST, REASON, choose, events, said

BIN = "/support/synchronization/tombstone/"


@pytest.fixture
def as_olga(as_olga: Client) -> Client:
    return proven(as_olga)


@pytest.fixture
def gone(acme: Organization, bob: User) -> Tombstone:
    provisioning.deprovision_user(acme, bob.pk, actor=SYSTEM)
    return Tombstone.objects.get()


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def test_an_operator_keeps_a_recycle_bin_for_longer_and_the_customer_reads_why(
    as_olga: Client, olga: StaffMember, acme: Organization, gone: Tombstone
) -> None:
    assert 'name="keep_until"' in choose(as_olga, "extend", acme).content.decode()

    answer = choose(as_olga, "extend", acme, keep_until=in_days(60), **REASON)

    assert answer.status_code == 302
    assert "the recycle bin is kept that long" in said(as_olga)
    gone.refresh_from_db()
    end = timezone.localtime(gone.erase_after)
    assert (end.date().isoformat(), end.hour) == (in_days(60), 23)
    event = AuditEvent.objects.get(action="recycle_bin.extended")
    assert event.organization_id == acme.pk
    assert event.actor["id"] == str(olga.pk)
    assert event.context["reason"] == "[CS-1204] Runaway job at the customer's"
    assert recycling.empty_recycle_bin() == 0


def test_extending_twice_is_harmless_and_recorded_once(
    as_olga: Client, acme: Organization, gone: Tombstone
) -> None:
    for _ in range(2):
        choose(as_olga, "extend", acme, keep_until=in_days(60), **REASON)

    assert events("recycle_bin.extended").count() == 1
    assert "nobody in the recycle bin would be erased before" in said(as_olga)


@pytest.mark.parametrize(
    "keep_until", ["", "soon", in_days(0), in_days(-1), in_days(366), "9999-12-31"]
)
def test_a_day_that_cannot_be_changes_nothing(
    as_olga: Client, acme: Organization, gone: Tombstone, keep_until: str
) -> None:
    answer = choose(as_olga, "extend", acme, keep_until=keep_until, **REASON)

    assert answer.status_code == 422
    assert Tombstone.objects.get().erase_after == gone.erase_after
    assert not events("recycle_bin.extended").exists()


def test_without_a_reason_nothing_is_extended(
    as_olga: Client, acme: Organization, gone: Tombstone
) -> None:
    answer = choose(
        as_olga, "extend", acme, keep_until=in_days(60), reason=" ", ticket="CS-1"
    )

    assert answer.status_code == 422
    assert Tombstone.objects.get().erase_after == gone.erase_after


def test_the_neighbours_recycle_bin_is_not_extended_along(
    as_olga: Client, globex: Organization, gone: Tombstone
) -> None:
    choose(as_olga, "extend", globex, keep_until=in_days(60), **REASON)

    assert Tombstone.objects.get().erase_after == gone.erase_after
    assert not events("recycle_bin.extended").exists()


def test_staff_see_what_is_in_a_customers_recycle_bin(
    as_victor: Client, acme: Organization, globex: Organization, gone: Tombstone
) -> None:
    page = as_victor.get(f"{LIST}{acme.pk}/change/").content.decode()
    assert f"{BIN}?organization={acme.pk}" in page

    listed = as_victor.get(BIN, {"organization": str(acme.pk)}).content.decode()
    elsewhere = as_victor.get(BIN, {"organization": str(globex.pk)}).content.decode()
    shown = as_victor.get(f"{BIN}{gone.pk}/change/").content.decode()

    assert "bob@acme.test" in listed
    assert "bob@acme.test" not in elsewhere
    assert "bob@acme.test" in shown
    assert "Chatwork Admin" in shown  # by whom
