"""Errors (RFC 7644 §3.12; rows I1-I10): who may not, what cannot, and our own faults."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from psycopg import errors as psycopg

from chatwork_admin.audit.actions import Action
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.audit.recording import SYSTEM
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import Organization, User
from chatwork_admin.synchronization import gate, provisioning
from scim import refusals
from tests.conftest import ScimClientFor, actor_for
from tests.scim.conftest import ERROR, GROUPS, SCIM_JSON, USERS, Answer, Provisioning

TITLE = {"op": "add", "path": "title", "value": "T"}


def test_an_error_has_one_form(entra: Provisioning) -> None:
    """Rows I1 and I3; RFC 7644 §3.12."""
    answer = entra.post(USERS, {"userName": "tyamada"})

    reference = answer.headers["X-Request-Id"]
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert answer.body == {
        "schemas": [ERROR],
        "status": "400",
        "scimType": "invalidValue",
        "detail": "CW-USER-4: userName must be an e-mail address; "
        f'got "tyamada". Map mail or userPrincipalName. Ref {reference}',
    }


def test_a_detail_is_at_most_200_characters(entra: Provisioning) -> None:
    answer = entra.get(USERS, filter=f"{'x' * 1000} pr")

    assert len(answer.body["detail"]) == 200
    assert answer.body["detail"].endswith(f"… Ref {answer.headers['X-Request-Id']}")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic c2NpbTpzY2lt"},
        {"authorization": "Bearer " + "x" * 5000},
        {"authorization": "Bearer \x00\xff"},
    ],
)
@pytest.mark.parametrize(
    "path", [USERS, GROUPS, f"{USERS}/x", "/scim/v2/Schemas", "/scim/v2/Me"]
)
def test_without_a_token_there_is_nothing(
    db: None, headers: dict[str, str], path: str
) -> None:
    """Rows B1 and B2; RFC 7644 §2, §2.1, §2.2, §7.6; RFC 6750 §2.1, §3."""
    response = Client(headers=headers).post(path, b"\xff", content_type=SCIM_JSON)

    answer = Answer(response)
    assert answer.refusal == (401, None, "CW-AUTH-1")
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="scim"')
    assert response.headers["Content-Type"] == SCIM_JSON
    assert answer.body["detail"].startswith(
        "CW-AUTH-1: Access token is missing, expired or revoked."
    )


def test_a_revoked_token_is_refused_at_once(
    enabled_acme: Organization, scim_client: ScimClientFor
) -> None:
    """Row B2; RFC 7644 §7.3."""
    entra = Provisioning(scim_client(enabled_acme))
    assert entra.get(USERS).status == 200

    token = enabled_acme.access_tokens.get()
    tokens.revoke(enabled_acme, token.pk, actor=SYSTEM)

    assert entra.get(USERS).refusal == (401, None, "CW-AUTH-1")


def test_a_shut_gate_says_who_can_open_it(
    acme: Organization, scim_client: ScimClientFor
) -> None:
    """Row B4."""
    answer = Provisioning(scim_client(acme)).get(USERS)

    assert answer.refusal == (403, None, "CW-SYNC-1")
    assert "Enable it in Chatwork admin settings" in answer.body["detail"]


def test_a_pause_asks_to_come_back(
    entra: Provisioning, enabled_acme: Organization, alice: User
) -> None:
    gate.pause(enabled_acme, actor=actor_for(alice), reason="move")

    answer = entra.post(USERS, {"userName": "a@example.jp"})

    assert answer.refusal == (503, None, "CW-SYNC-2")
    assert answer.headers["Retry-After"] == "60"
    assert enabled_acme.users.count() == 1


def test_an_ended_contract_is_said(
    entra: Provisioning, enabled_acme: Organization
) -> None:
    """Row B4."""
    Organization.objects.filter(pk=enabled_acme.pk).update(plan="free")

    assert entra.get(USERS).refusal == (403, None, "CW-SYNC-3")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", USERS, "GET, POST, HEAD, OPTIONS"),
        ("PATCH", GROUPS, "GET, POST, HEAD, OPTIONS"),
        ("DELETE", f"{USERS}/", "GET, POST, HEAD, OPTIONS"),
        ("POST", f"{USERS}/x", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("TRACE", USERS, "GET, POST, HEAD, OPTIONS"),
        ("GET", f"{USERS}/.search", "POST, OPTIONS"),
        ("POST", "/scim/v2/Schemas", "GET, HEAD, OPTIONS"),
        ("DELETE", "/scim/v2/ServiceProviderConfig", "GET, HEAD, OPTIONS"),
        ("PATCH", "/scim/v2/ResourceTypes/User", "GET, HEAD, OPTIONS"),
    ],
)
def test_an_unknown_method_is_told_the_known_ones(
    entra: Provisioning, method: str, path: str, allowed: str
) -> None:
    """Rows C8 and I9; RFC 7644 §3.2."""
    answer = entra.send(method, path, b"")

    assert answer.refusal == (405, None, "CW-REQ-3")
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (USERS, "GET, POST, HEAD, OPTIONS"),
        (f"{GROUPS}/x", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("/scim/v2", "GET, HEAD, OPTIONS"),
        ("/scim/v2/.search", "POST, OPTIONS"),
        ("/scim/v2/Bulk", "POST, OPTIONS"),
        ("/scim/v2/Schemas", "GET, HEAD, OPTIONS"),
    ],
)
def test_whoever_asks_is_told_the_methods(
    entra: Provisioning, path: str, allowed: str
) -> None:
    """Row I9; RFC 9110 §9.3.7."""
    answer = entra.send("OPTIONS", path, b"")

    assert (answer.status, answer.content) == (204, b"")
    assert answer.headers["Allow"] == allowed
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("path", ["/scim/v1/Users", "/scim/v3", "/scim/v2.1/Bulk"])
def test_another_version_is_not_supported(entra: Provisioning, path: str) -> None:
    """Row I2; RFC 7644 §3.13."""
    answer = entra.get(path)

    assert answer.refusal == (400, "invalidVers", "CW-REQ-3")
    assert "The Tenant URL ends in /scim/v2" in answer.body["detail"]


@pytest.mark.parametrize("path", ["Me", "Me/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_deliberately_missing_is_not_implemented(
    entra: Provisioning, method: str, path: str
) -> None:
    """Rows I9 and K2; RFC 7644 §3.11."""
    answer = entra.send(method, f"/scim/v2/{path}", {})

    assert answer.refusal == (501, None, "CW-REQ-3")


@pytest.mark.parametrize("path", ["nope", "users", "Users/1/2"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address_is_not_found_and_never_a_redirect(
    entra: Provisioning, method: str, path: str
) -> None:
    """Rows A3 and I4."""
    answer = entra.send(method, f"/scim/v2/{path}", {})

    assert answer.refusal == (404, None, "CW-REQ-3")
    assert answer.headers["Content-Type"] == SCIM_JSON


@pytest.mark.parametrize(
    "media_type",
    [
        "application/scim+json",
        "application/scim+json; charset=utf-8",
        "Application/JSON",
        "application/json;charset=UTF-8;x=y",
    ],
)
def test_both_media_types_are_read(entra: Provisioning, media_type: str) -> None:
    """Rows A6 and L6; RFC 7644 §3.8."""
    answer = entra.send("POST", USERS, {"userName": "a@example.jp"}, media_type)

    assert answer.status == 201


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""],
)
def test_another_media_type_is_not_supported(
    entra: Provisioning, media_type: str
) -> None:
    answer = entra.send("POST", USERS, {"userName": "a@example.jp"}, media_type)

    assert answer.refusal == (415, None, "CW-REQ-3")


@pytest.mark.parametrize("accept", ["text/html", "*/*", "application/xml;q=1", "???"])
def test_accept_never_refuses(entra: Provisioning, accept: str) -> None:
    """Rows A9 and L6; RFC 7644 §3.8."""
    response = entra.client.get(USERS, headers={"accept": accept})

    assert (response.status_code, response["Content-Type"]) == (200, SCIM_JSON)


def test_no_session_and_no_csrf_token_are_needed(
    enabled_acme: Organization, scim_client: ScimClientFor
) -> None:
    client = scim_client(enabled_acme)
    client.handler.enforce_csrf_checks = True

    assert Provisioning(client).post(USERS, {"userName": "a@example.jp"}).status == 201


def test_our_own_fault_says_nothing_and_writes_nothing(
    entra: Provisioning,
    enabled_acme: Organization,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Row I3; RFC 7643 §9.3; RFC 7644 §7.5.1."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret of yamada@example.jp")

    monkeypatch.setattr(provisioning, "record", fail)

    with caplog.at_level(logging.ERROR, "scim"):
        answer = entra.post(USERS, {"userName": "yamada@example.jp"})

    reference = answer.headers["X-Request-Id"]
    assert answer.body == {
        "schemas": [ERROR],
        "status": "500",
        "detail": f"CW-SYS-1: Internal error. Ref {reference}",
    }
    assert enabled_acme.users.count() == 1
    logged = [vars(line) for line in caplog.records if line.levelname == "ERROR"]
    assert [line["reference"] for line in logged] == [reference]
    assert "yamada" not in str(logged)


def _failing(monkeypatch: pytest.MonkeyPatch, cause: Exception, *, times: int) -> None:
    provision, failures = provisioning.provision_user, [cause] * times

    def provision_user(*arguments: Any, **named: Any) -> User:
        user = provision(*arguments, **named)
        if failures:
            raise OperationalError(str(cause)) from failures.pop()
        return user

    monkeypatch.setattr(provisioning, "provision_user", provision_user)


def test_a_database_out_of_reach_is_worth_another_try(
    entra: Provisioning, enabled_acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    _failing(monkeypatch, psycopg.AdminShutdown(), times=1)

    answer = entra.post(USERS, {"userName": "a@example.jp"})

    assert answer.refusal == (503, None, "CW-SYS-1")
    assert answer.headers["Retry-After"] == "1"
    assert enabled_acme.users.count() == 1


@pytest.mark.parametrize(
    "cause", [psycopg.DeadlockDetected(), psycopg.SerializationFailure()]
)
@pytest.mark.parametrize(("times", "status"), [(1, 201), (2, 503)])
def test_the_victim_of_a_deadlock_gets_one_more_try(
    entra: Provisioning,
    enabled_acme: Organization,
    monkeypatch: pytest.MonkeyPatch,
    cause: Exception,
    times: int,
    status: int,
) -> None:
    _failing(monkeypatch, cause, times=times)

    assert entra.post(USERS, {"userName": "a@example.jp"}).status == status
    assert enabled_acme.users.count() == (2 if status == 201 else 1)
    created = AuditEvent.objects.filter(action=Action.USER_PROVISIONED)
    assert created.count() == (1 if status == 201 else 0)


def _refused() -> list[tuple[str, str, str, int]]:
    events = AuditEvent.objects.filter(action=Action.REQUEST_REFUSED).order_by("id")
    return [
        (
            each.target["kind"],
            each.target["id"],
            each.context["code"],
            each.context["status"],
        )
        for each in events
    ]


def test_refused_writes_are_remembered_with_their_reference(
    entra: Provisioning, alice: User
) -> None:
    one = f"{USERS}/{alice.pk}"

    answers = [
        entra.post(USERS, {"userName": alice.user_name}),
        entra.post(USERS, {"userName": "tyamada"}),
        entra.delete(one),
        entra.patch(one, {"op": "replace", "path": "id", "value": "x"}),
    ]

    assert _refused() == [
        ("user", "", "CW-USER-3", 409),
        ("user", "", "CW-USER-4", 400),
        ("user", str(alice.pk), "CW-USER-5", 403),
        ("user", str(alice.pk), "CW-REQ-2", 400),
    ]
    events = AuditEvent.objects.filter(action=Action.REQUEST_REFUSED).order_by("id")
    assert [event.reference for event in events] == [
        answer.headers["X-Request-Id"] for answer in answers
    ]


def test_a_refused_write_of_a_group_is_remembered(entra: Provisioning) -> None:
    entra.create_group("Sales")

    entra.post(GROUPS, {"displayName": "sales"})
    entra.post(GROUPS, {})

    assert _refused() == [
        ("group", "", "CW-GROUP-1", 409),
        ("group", "", "CW-USER-7", 400),
    ]


def test_a_refusal_is_answered_even_if_it_cannot_be_remembered(
    entra: Provisioning, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(refusals, "record", fail)

    assert entra.post(USERS, {"userName": "tyamada"}).status == 400
    assert entra.get(USERS).status == 200
