"""Our own faults: one answer wherever they happen, one line in the log (rows I3, I7)."""

from __future__ import annotations

import logging

import pytest
from django.db import InterfaceError
from django.test import Client

from chatwork_admin.audit import delivery
from chatwork_admin.audit.models import AuditEvent
from chatwork_admin.authorization import tokens
from chatwork_admin.organizations.models import User
from chatwork_admin.synchronization import at_once as writing
from scim import prepared, refusals, views
from tests.scim.conftest import ERROR, SCIM_JSON, USERS, Provisioning
from tests.scim.frequent.both_ways import by_django
from tests.scim.frequent.writing import (
    Send,
    at_once,
    creation,
    fresh,
    operations,
    replacing,
    send,
)

__all__ = ["send"]
SECRET = "secret of yamada@example.jp"


def fail(*_: object, **__: object) -> None:
    raise RuntimeError(SECRET)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What goes wrong enough to be a warning, or worse."""
    caplog.set_level(logging.WARNING)
    return caplog


def is_told_once(log: pytest.LogCaptureFixture, reference: str) -> bool:
    said = [vars(line) for line in log.records]
    assert SECRET not in str(said)
    return [line.get("reference") for line in said] == [reference]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_fault_in_a_write_that_is_done_at_once_is_answered_as_any_other(
    send: Send,
    entra: Provisioning,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
    method: str,
) -> None:
    user = entra.create()
    patch = operations(replacing("title", "T"))
    asking = {
        "POST": send("POST", USERS, creation({"userName": "b@example.jp"})),
        "PATCH": send("PATCH", f"{USERS}/{user}", patch),
    }[method]
    before = AuditEvent.objects.count(), User.objects.count()
    for name in ("creation", "change"):
        monkeypatch.setattr(writing, name, fail)
    monkeypatch.setattr(views.ResourceView, "post", fail)
    monkeypatch.setattr(views.ResourceView, "patch", fail)

    said = at_once(fresh(asking))

    assert said is not None
    assert is_told_once(log, said.reference)
    expected = by_django(fresh(asking))
    assert (said.status, said.headers) == (expected.status, expected.headers)
    body = said.body.replace(said.reference.encode(), expected.reference.encode())
    assert body == expected.body
    assert (AuditEvent.objects.count(), User.objects.count()) == before


def test_whoever_was_created_is_not_created_again_by_a_fault(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is answered is composed before it is true."""
    environ = send("POST", USERS, creation({"userName": "b@example.jp"}))
    monkeypatch.setattr(prepared, "written", fail)

    said = at_once(environ)

    assert said is not None
    assert said.status.startswith("500")
    assert not User.objects.filter(user_name="b@example.jp").exists()


@pytest.mark.parametrize(
    ("where", "name", "path"),
    [
        (tokens, "admit", "title"),
        (refusals, "count_refusal", "id"),
        (views, "projection_of", "title"),
    ],
)
def test_a_fault_anywhere_is_one_error_and_one_line(
    entra: Provisioning,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
    where: object,
    name: str,
    path: str,
) -> None:
    user = entra.create()
    monkeypatch.setattr(where, name, fail)

    answer = entra.patch(f"{USERS}/{user}?attributes=id", replacing(path, "T"))

    reference = answer.headers["X-Request-Id"]
    assert answer.headers["Content-Type"] == SCIM_JSON
    assert answer.body == {
        "schemas": [ERROR],
        "status": "500",
        "detail": f"CW-SYS-1: Internal error. Ref {reference}",
    }
    assert is_told_once(log, reference)


def test_a_refusal_is_answered_though_the_connection_is_gone(
    entra: Provisioning, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object, **__: object) -> None:
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(refusals, "count_refusal", lose)

    assert entra.post(USERS, {"userName": "tyamada"}).status == 400


def test_a_database_out_of_reach_is_one_line(
    entra: Provisioning,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
) -> None:
    def lose(*_: object, **__: object) -> None:
        raise InterfaceError(SECRET)

    monkeypatch.setattr(tokens, "admit", lose)

    answer = entra.get(USERS)

    assert answer.status == 503
    assert is_told_once(log, answer.headers["X-Request-Id"])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_answered_as_designed_is_no_line_of_the_log(
    entra: Provisioning, log: pytest.LogCaptureFixture, method: str
) -> None:
    assert entra.send(method, "/scim/v2/Me", {}).status == 501
    assert log.records == []


def test_what_fails_elsewhere_is_still_told(
    db: None, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "backlog", fail)
    client = Client(raise_request_exception=False)

    assert client.get("/readyz").status_code == 500
    assert [line.name for line in log.records] == ["django.request"]
