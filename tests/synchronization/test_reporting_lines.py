"""Whose manager somebody is, when one of the two goes and comes back."""

from __future__ import annotations

import pytest

from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import recycling
from chatwork_admin.synchronization.attributes import ENTERPRISE_USER
from tests.synchronization.test_recycling import (
    delete,
    managed_by,
    manager_of,
    provisioned,
    restore,
    row_of,
)

ORDERS = [("boss", "report"), ("report", "boss")]


@pytest.fixture
def boss(acme: Organization) -> User:
    return provisioned(acme, "boss")


@pytest.mark.parametrize("deleted", ORDERS)
@pytest.mark.parametrize("restored", ORDERS)
def test_in_whatever_order_they_go_and_come_the_manager_is_named_in_the_end(
    acme: Organization,
    boss: User,
    deleted: tuple[str, ...],
    restored: tuple[str, ...],
) -> None:
    told = {"department": "営業"}
    named = {ENTERPRISE_USER: managed_by(boss)[ENTERPRISE_USER] | told}
    people = {"boss": boss, "report": provisioned(acme, "report", **named)}
    before = row_of(people["report"])

    for name in deleted:
        delete(people[name])
    restore(people[restored[0]])
    if restored[0] == "report":
        assert manager_of(people["report"]) is None
    restore(people[restored[1]])

    assert row_of(people["report"]) == before


def test_a_manager_who_was_erased_meanwhile_is_not_named(
    acme: Organization, boss: User
) -> None:
    report = provisioned(acme, "report", **managed_by(boss))
    delete(report)
    delete(boss)
    recycling.erase_user(acme, boss.pk, actor=SYSTEM)

    restore(report)

    assert manager_of(report) is None
    assert ENTERPRISE_USER not in report.document
    assert report.lookup_keys == ""


def test_a_manager_of_whom_there_is_no_trace_is_not_named(acme: Organization) -> None:
    unread = {ENTERPRISE_USER: {"manager": {"value": "nobody"}, "department": "d"}}
    report = provisioned(acme, "report", **unread)
    delete(report)

    restore(report)

    assert manager_of(report) is None
    assert report.document[ENTERPRISE_USER] == {"department": "d"}
