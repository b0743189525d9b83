"""Refused requests are counted, each of them, and recorded, not all of them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.organizations.models import Organization
from chatwork_admin.synchronization import gate
from chatwork_admin.synchronization.failures import refused_lately
from chatwork_admin.synchronization.models import RefusalCount
from scim import limits
from tests.conftest import actor_for
from tests.scim.conftest import GROUPS, USERS, Provisioning

NO_ADDRESS = {"userName": "tyamada"}  # CW-USER-4
NOBODY = "01900000-0000-7000-8000-000000000000"
MANY_PARAMETERS = "&".join(["a=b"] * 1_001)
RENAMING = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "displayName", "value": "x"}],
}


def said() -> list[str]:
    """What the events of refusals say about those that follow."""
    events = AuditEvent.objects.filter(action=Action.REQUEST_REFUSED).order_by("id")
    return [event.context.get("more", "") for event in events]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("counted, but not recorded in this hour", "first 3 of each hour")),
        ("ja", ("この 1 時間は記録されません", "1 時間に最初の 3 件")),
    ],
)
def test_every_refusal_is_counted_so_many_are_recorded_and_the_last_says_so(
    entra: Provisioning,
    as_alice: Client,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    words: tuple[str, str],
) -> None:
    assert limits.MAX_RECORDED == 1_000
    monkeypatch.setattr(limits, "MAX_RECORDED", 3)

    answers = [entra.post(USERS, NO_ADDRESS) for _ in range(5)]

    assert {each.status for each in answers} == {400}
    assert RefusalCount.objects.get().count == 5
    assert said() == ["", "", "counted, but not recorded in this hour"]
    last, nothing = words
    in_words = {"Accept-Language": language}
    found = [
        as_alice.get(
            "/manage/audit/", {"text": each.headers["X-Request-Id"]}, headers=in_words
        ).text
        for each in answers
    ]
    assert [last in page for page in found] == [False, False, True, False, False]
    assert [nothing in page for page in found] == [False] * 3 + [True] * 2


def test_the_next_hour_and_another_reason_are_recorded_again(
    entra: Provisioning, enabled_acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_RECORDED", 3)
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


@pytest.mark.parametrize("collection", [USERS, GROUPS])
def test_a_read_that_finds_nobody_is_recorded_and_no_failure(
    entra: Provisioning,
    enabled_acme: Organization,
    monkeypatch: pytest.MonkeyPatch,
    collection: str,
) -> None:
    """An answer: it may be the tenth of few writes, and nothing is to be mended."""
    monkeypatch.setattr(limits, "MAX_RECORDED", 2)
    for _ in range(3):
        assert entra.get(f"{collection}/{NOBODY}").status == 404

    assert len(said()) == 2
    assert refused_lately(enabled_acme) == {}
    entra.delete(f"{collection}/{NOBODY}")
    assert refused_lately(enabled_acme).total() == 1


@pytest.mark.parametrize(
    ("method", "path", "said", "code"),
    [
        ("GET", f"{USERS}?filter=bogus%20pr", None, "CW-REQ-1"),
        ("POST", f"{USERS}/.search", {"filter": "bogus pr"}, "CW-REQ-1"),
        ("POST", "/scim/v2/.search", {"filter": "("}, "CW-REQ-1"),
        ("DELETE", f"{USERS}/{NOBODY}", None, "CW-USER-6"),
        ("PATCH", f"{GROUPS}/x", RENAMING, "CW-GROUP-2"),
        ("PATCH", f"{GROUPS}/{NOBODY}", RENAMING, "CW-GROUP-2"),
        ("POST", "/scim/v2/Bulk", {"Operations": []}, "CW-REQ-2"),
        ("DELETE", USERS, None, "CW-REQ-3"),
        ("GET", "/scim/v2/Schemas?filter=x", None, "CW-REQ-3"),
        ("GET", "/scim/v2/v2/Users", None, "CW-REQ-3"),
        ("POST", "/scim/Users", {}, "CW-REQ-3"),
        ("GET", "/scim/v1/Users", None, "CW-REQ-3"),
        ("GET", f"{USERS}?filter={'x' * 20_000}", None, "CW-REQ-3"),
        ("DELETE", f"{USERS}/{'x' * 20_000}", None, "CW-REQ-3"),
        ("GET", f"{USERS}/{NOBODY}", None, "CW-USER-6"),
        ("HEAD", f"{GROUPS}/x?attributes=id", None, "CW-GROUP-2"),
        ("GET", "/scim/v2/Me", None, "CW-REQ-3"),
        ("GET", "/scim/v2/Schemas/none", None, "CW-REQ-3"),
        ("GET", f"{USERS}?{MANY_PARAMETERS}", None, "CW-REQ-2"),
    ],
)
def test_the_reference_of_whatever_is_refused_is_found_in_the_audit_log(
    scim: Client,
    as_alice: Client,
    method: str,
    path: str,
    said: object,
    code: str,
) -> None:
    body = "" if said is None else json.dumps(said)
    answer = scim.generic(method, path, body, content_type="application/scim+json")

    assert answer.status_code >= 400
    event = AuditEvent.objects.get(action=Action.REQUEST_REFUSED)
    assert event.reference == answer["X-Request-Id"]
    assert event.context["code"] == code
    found = as_alice.get("/manage/audit/", {"text": event.reference})
    assert code in found.text


@pytest.mark.parametrize(
    "path",
    [
        "/scim/v2/nope",
        "/scim",
        f"{USERS}?filter={'x' * 20_000}",
        f"{USERS}?{MANY_PARAMETERS}",
    ],
)
def test_strangers_are_not_told_what_there_is_nor_recorded(
    client: Client, enabled_acme: Organization, path: str
) -> None:
    """Rows B2 and I4: no token comes before a wrong address."""
    assert client.get(path).status_code == 401
    assert not AuditEvent.objects.filter(action=Action.REQUEST_REFUSED).exists()


def test_a_search_that_finds_nobody_is_no_refusal(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    assert entra.get(USERS, filter='userName eq "nobody@example.jp"').status == 200

    assert refused_lately(enabled_acme) == {}


def test_a_shut_gate_is_no_failed_write(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    administrator = enabled_acme.users.get(role="administrator")
    gate.pause(enabled_acme, actor=actor_for(administrator), reason="move")

    assert entra.post(USERS, NO_ADDRESS).status == 503
    assert refused_lately(enabled_acme) == {}
