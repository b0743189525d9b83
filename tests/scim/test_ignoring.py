"""What means nothing here is said to the administrator, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization import ignoring
from tests.scim.conftest import USERS, Provisioning


def told() -> list[list[str]]:
    events = AuditEvent.objects.filter(action=Action.ATTRIBUTES_IGNORED)
    return list(events.order_by("id").values_list("context__ignored", flat=True))


def test_names_are_told_once_a_day_and_new_ones_at_once(
    entra: Provisioning, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = entra.create("a@example.jp", shoeSize=43, wings=2)
    entra.create("b@example.jp", shoeSize=44)
    entra.patch(
        f"{USERS}/{user}", {"op": "add", "path": 'fins[of eq "b@x"]', "value": 1}
    )
    assert told() == [["shoeSize", "wings"], ["fins"]]
    assert "shoeSize" in as_alice.get("/manage/audit/").text

    monkeypatch.setattr(ignoring, "TOLD_FOR", timedelta(0))
    entra.create("c@example.jp", shoeSize=44)
    assert told()[2:] == [["shoeSize"]]


def test_a_request_that_is_refused_tells_only_why(entra: Provisioning) -> None:
    assert entra.post(USERS, {"userName": "nobody", "wings": 2}).status == 400

    assert told() == []


def test_a_client_that_invents_names_does_not_fill_the_log(
    entra: Provisioning, enabled_acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ignoring, "MOST_PER_DAY", 2)

    for number in range(4):
        entra.create(f"{number}@example.jp", **{f"unknown{number}" * 20: 1})

    names = [name for (name,) in told()]
    assert len(names) == 2
    assert all(len(name) == ignoring.NAME_LENGTH for name in names)


def test_a_request_with_many_unknown_names_is_told_of_in_turn(
    entra: Provisioning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ignoring, "MOST_NAMES", 2)

    for number in range(3):
        entra.create(f"{number}@example.jp", a1=1, a2=1, a3=1)

    assert told() == [["a1", "a2"], ["a3"]]
